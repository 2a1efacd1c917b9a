package dev.kausal.experiments

import dev.kausal.dsl.declare.ExperimentDeclaration
import dev.kausal.engine.model.HookedModel
import dev.kausal.experiments.session.ExperimentSession
import dev.kausal.run.ExperimentRunner
import dev.kausal.spec.ExperimentSpec
import io.kotest.assertions.withClue
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe
import io.kotest.matchers.shouldNotBe
import org.jetbrains.kotlin.abi.tools.AbiFilters
import org.jetbrains.kotlin.abi.tools.AbiToolsFactory
import java.io.File
import java.nio.file.Path
import java.util.ServiceLoader
import kotlin.io.path.createDirectories
import kotlin.io.path.exists
import kotlin.io.path.readText
import kotlin.io.path.writeText

/** What others can compile against changes on purpose only, as the dumps in the modules' `api` folders say. */
class PublicApiTest :
    FunSpec({
        val tools = ServiceLoader.load(AbiToolsFactory::class.java).first().get()
        val write = System.getProperty("kausal.api.write").toBoolean()

        mapOf(
            "dsl/spec" to ExperimentSpec::class.java,
            "dsl/words" to ExperimentDeclaration::class.java,
            "dsl/run" to ExperimentRunner::class.java,
            "engine" to HookedModel::class.java,
            "experiments" to ExperimentSession::class.java,
        ).forEach { (module, type) ->
            test("$module has the public names of its dump") {
                val classes = Path.of(type.protectionDomain.codeSource.location.toURI()).toFile()
                val found = StringBuilder().also {
                    tools.printJvmDump(it, files(classes), AbiFilters.EMPTY)
                }.toString()
                found shouldNotBe ""
                val dump = Path.of("../$module/api/${module.substringAfter('/')}.api")
                if (write) dump.also { it.parent.createDirectories() }.writeText(found)
                val expected = if (dump.exists()) dump.readText() else ""
                val changes = changes(expected, found)
                withClue("Is this meant? Then run the command in CONTRIBUTING.md that writes the dumps.\n$changes") {
                    changes shouldBe ""
                }
            }
        }
    })

/** Returns the jar, or all classes in the folder, that a module's classes are in. */
private fun files(classes: File): List<File> =
    if (classes.isFile) listOf(classes) else classes.walk().filter { it.extension == "class" }.toList()

/** Lines that one of two dumps lacks. */
private fun changes(expected: String, found: String): String {
    val gone = expected.lines().toSet() - found.lines().toSet()
    val new = found.lines().toSet() - expected.lines().toSet()
    return (gone.map { "- $it" } + new.map { "+ $it" }).joinToString("\n")
}
