package dev.kausal.notebook

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

/** What cells compile against changes on purpose only, as the dump in `api` says. */
class NotebookApiTest :
    FunSpec({
        test("the module has the public names of its dump") {
            val classes = Path.of(NotebookRun::class.java.protectionDomain.codeSource.location.toURI()).toFile()
            val tools = ServiceLoader.load(AbiToolsFactory::class.java).first().get()
            val found = StringBuilder().also { tools.printJvmDump(it, files(classes), AbiFilters.EMPTY) }.toString()
            found shouldNotBe ""
            val dump = Path.of("api/notebook.api")
            if (System.getProperty("kausal.api.write").toBoolean()) {
                dump.also { it.parent.createDirectories() }.writeText(found)
            }
            withClue("Is this meant? Then run the command in CONTRIBUTING.md that writes the dumps.") {
                found shouldBe if (dump.exists()) dump.readText() else ""
            }
        }
    })

/** Returns the jar, or all classes in the folder, that a module's classes are in. */
private fun files(classes: File): List<File> =
    if (classes.isFile) listOf(classes) else classes.walk().filter { it.extension == "class" }.toList()
