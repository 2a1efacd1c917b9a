package dev.kausal.consumers

import io.kotest.assertions.withClue
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.collections.shouldContain
import io.kotest.matchers.collections.shouldContainAll
import io.kotest.matchers.collections.shouldNotBeEmpty
import io.kotest.matchers.collections.shouldNotContainAnyOf
import io.kotest.matchers.shouldBe
import io.kotest.matchers.shouldNotBe
import java.security.MessageDigest
import java.util.HexFormat
import kotlin.io.path.exists
import kotlin.io.path.name
import kotlin.io.path.readBytes
import kotlin.io.path.readText
import io.kotest.matchers.string.shouldContain as shouldContainText

/** Each artifact obeys the rules of Maven's central repository. */
class PublishedArtifactsTest :
    FunSpec({
        val hashes = mapOf("md5" to "MD5", "sha1" to "SHA-1")
        val derived = hashes.keys + "asc"
        val key = System.getProperty("kausal.key").orEmpty()

        test("what others depend on is there, and what only the build needs is not") {
            val names = Repository.artifacts.map { it.name }
            names shouldContainAll
                listOf(
                    "bom",
                    "cluster",
                    "dsl",
                    "engine",
                    "experiments",
                    "kausal",
                    "notebook",
                    "reports",
                    "run",
                    "spec",
                    "words",
                )
            names shouldNotContainAnyOf listOf("bench", "consumers")
        }

        if (Programs.offline) println("offline: the lists of materials, which are made online, are not read.")

        val stated = listOf(
            "name",
            "description",
            "url",
            "licenses/license/name",
            "licenses/license/url",
            "developers/developer/name",
            "scm/connection",
            "scm/url",
        )

        for (artifact in Repository.artifacts) {
            test("$artifact says what it is, whose, and under which licence") {
                artifact.text("artifactId") shouldBe artifact.name
                for (path in stated) {
                    withClue(path) { artifact.inherited(*path.split('/').toTypedArray()) shouldNotBe null }
                }
                artifact.text("name") shouldNotBe null
                artifact.text("description") shouldNotBe null
                artifact.inherited("version")!!.endsWith("-SNAPSHOT") shouldBe false
                artifact.all("repository").shouldBeEmpty()
                artifact.all("version").filter { it.endsWith("-SNAPSHOT") }.shouldBeEmpty()
            }

            test("the files of $artifact have their hashes${if (key.isEmpty()) "" else " and signatures"}") {
                val own = artifact.files.filter { file -> derived.none { file.name.endsWith(".$it") } }
                own.shouldNotBeEmpty()
                for (file in own) {
                    for ((suffix, algorithm) in hashes) {
                        val digest = MessageDigest.getInstance(algorithm).digest(file.readBytes())
                        val stated = file.resolveSibling("${file.name}.$suffix").readText().trim()
                        withClue("${file.name}.$suffix") { stated shouldBe HexFormat.of().formatHex(digest) }
                    }
                    if (key.isNotEmpty()) {
                        withClue(file.name) { file.resolveSibling("${file.name}.asc").exists() shouldBe true }
                    }
                }
            }
        }

        for (artifact in Repository.artifacts.filterNot { it.isPom }) {
            test("$artifact has a jar with a module name, its sources and documentation") {
                artifact.moduleName shouldBe "dev.kausal.${artifact.name}"
                val sources = artifact.entries("-sources.jar").filter { it.endsWith(".kt") || it.endsWith(".java") }
                sources.shouldNotBeEmpty()
                sources.filter { it.substringBeforeLast('.').endsWith("Test") }.shouldBeEmpty()
                artifact.file("-javadoc.jar").exists() shouldBe true
            }

            test("the materials of $artifact name what its POM depends on").config(enabled = !Programs.offline) {
                val listed = artifact.file("-cyclonedx.json").readText()
                listed shouldContainText "\"bomFormat\""
                for (name in artifact.runtimeDependencies) withClue(name) { listed shouldContainText "\"$name\"" }
            }

            test("the BOM has the version of $artifact") {
                Repository.artifact("bom").all("artifactId") shouldContain artifact.name
            }
        }
    })
