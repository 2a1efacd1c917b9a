package dev.kausal.experiments.schema

import dev.kausal.bundle.BundleSchema
import dev.kausal.experiments.TypedCommands
import dev.kausal.spec.ExperimentSpec
import io.kotest.assertions.withClue
import io.kotest.core.spec.style.FunSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.collections.shouldNotBeEmpty
import io.kotest.matchers.shouldBe
import java.nio.file.Path
import kotlin.io.path.createDirectories
import kotlin.io.path.listDirectoryEntries
import kotlin.io.path.readText
import kotlin.io.path.writeText

/**
 * The published schemas are those of the code, and bundles satisfy them: those of 0.1.0 here, and each that a test writes by the
 * command line ([TypedCommands]). `-Dkausal.schema.write=true` writes the files.
 */
class SchemaTest :
    FunSpec({
        val published = Path.of("../docs/schema")
        val old = Path.of("../reports/src/test/resources/bundles-0.1.0").listDirectoryEntries().sorted()

        BundleSchema.entries.forEach { file ->
            test("${file.word}.json: the published schema is that of the code") {
                val place = published.resolve("${file.word}-${ExperimentSpec.SCHEMA}.json")
                if (System.getProperty("kausal.schema.write") == "true") {
                    place.parent.createDirectories()
                    place.writeText(file.text())
                }
                place.readText() shouldBe file.text()
                TypedCommands(tempdir().toPath()).run(listOf("schema", file.word)).out shouldBe file.text()
            }
        }

        test("bundles of 0.1.0 satisfy it") {
            old.shouldNotBeEmpty()
            old.forEach { withClue("$it") { Schemas.mistakes(it).shouldBeEmpty() } }
        }

        test("damaged results do not") {
            val results = old.first().resolve("results.json").readText()
            listOf(
                Regex("\"schema\": *1") to "\"schema\":\"1\"",
                Regex("\"name\"") to "\"nam\"",
                Regex("\"mean\": *\\[") to "\"mean\":[\"0.5\",",
                Regex("\"kind\": *\"[a-zA-Z]+\"") to "\"kind\":\"sweeep\"",
                Regex("\"examples\": *\\[") to "\"examples\":[null,",
                Regex("\"results\": *\\[") to "\"results\":[{},",
            ).forEach { (found, damage) ->
                val damaged = results.replaceFirst(found, damage)
                withClue("$found") {
                    (damaged == results) shouldBe false
                    Schemas.mistakes(BundleSchema.RESULTS, damaged).shouldNotBeEmpty()
                }
            }
        }
    })
