package dev.kausal.experiments.release

import io.kotest.assertions.withClue
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldContain
import io.kotest.matchers.collections.shouldNotBeEmpty
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import kotlinx.serialization.json.Json
import kotlinx.serialization.json.jsonArray
import kotlinx.serialization.json.jsonObject
import kotlinx.serialization.json.jsonPrimitive
import java.nio.file.Path
import kotlin.io.path.exists
import kotlin.io.path.isExecutable
import kotlin.io.path.readText

private fun Regex.only(text: String): String = checkNotNull(find(text)) { "no $this" }.groupValues[1]

/**
 * The container and the jbang catalogue name what the release has. Both need the network, so here they are compared with the files that
 * make the release; `bench/install.py` runs the archive itself.
 */
class ReleaseFilesTest :
    FunSpec({
        val root = Path.of("..")
        val pom = root.resolve("experiments/pom.xml").readText()
        val version = Regex("<version>([^<]+)</version>").only(pom)
        val archive = root.resolve("experiments/src/release/archive.xml").readText()
        val container = root.resolve("experiments/src/release/Dockerfile").readText()

        test("the container adds the archive that the release profile makes, and calls the launcher in it") {
            val release = root.resolve("notebook/pom.xml").readText()
            val name = Regex("<finalName>([^<]+)</finalName>").only(release).replace("\${project.version}", version)
            val base = Regex("<baseDirectory>([^<]+)</baseDirectory>").only(archive)
            val folder = base.replace("\${project.version}", version)
            Regex("(?m)^ADD (\\S+) /opt/$").only(container) shouldBe "$name.tar.gz"
            Regex("PATH=\"/opt/([^:]+):").only(container) shouldBe folder
            val entry = Regex("ENTRYPOINT \\[\"([^\"]+)\"]").only(container)
            archive shouldContain "<include>$entry</include>"
            root.resolve(entry).isExecutable() shouldBe true
        }

        test("every file that the archive includes by name is there") {
            val included = Regex("<include>([^<*$]+)</include>").findAll(archive).map { it.groupValues[1] }.toList()
            included.shouldNotBeEmpty()
            included.forEach { withClue(it) { root.resolve(it).exists() shouldBe true } }
        }

        test("the jbang catalogue names this version, the jar with the main class, and the launcher's own options") {
            val catalogue = Json.parseToJsonElement(root.resolve("jbang-catalog.json").readText())
            val aliases = catalogue.jsonObject.getValue("aliases")
            val alias = aliases.jsonObject.getValue("kausal").jsonObject
            alias.getValue("script-ref").jsonPrimitive.content shouldBe "dev.kausal:experiments:$version"
            pom shouldContain "<mainClass>dev.kausal.experiments.MainKt</mainClass>"
            val launcher = root.resolve("kausal").readText()
            val flags = Regex("(?s)\nflags=\"(.*?)\"").only(launcher).trim().split(Regex("\\s+"))
            alias.getValue("java-options").jsonArray.forEach { flags shouldContain it.jsonPrimitive.content }
        }
    })
