package dev.kausal.experiments.notebook

import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.string.shouldContain
import kotlinx.serialization.json.Json
import kotlinx.serialization.json.jsonArray
import kotlinx.serialization.json.jsonObject
import kotlinx.serialization.json.jsonPrimitive
import java.io.File
import java.nio.file.Path
import kotlin.io.path.createDirectories
import kotlin.io.path.createFile
import kotlin.io.path.readText

class KernelLibraryTest :
    FunSpec({
        fun Path.jars(vararg names: String): List<Path> =
            names.map { resolve(it).also { jar -> jar.parent.createDirectories() }.createFile() }

        fun pathOf(jars: List<Path>) = jars.joinToString(File.pathSeparator)

        test("the class path of a release, without what the kernel has itself") {
            val folder = tempdir().toPath()
            val jars = folder.jars(
                "experiments-1.jar",
                "run-1.jar",
                "notebook-1.jar",
                "kotlin-stdlib-2.jar",
                "kotlin-compiler-embeddable-2.jar",
                "kotlinx-serialization-json-jvm-1.jar",
                "kotlinx-html-jvm-1.jar",
                "slf4j-nop-2.jar",
                "clikt-jvm-5.jar",
            )
            val file = KernelLibrary.of(pathOf(jars)).write(folder.resolve("new/libraries"))
            val written = Json.parseToJsonElement(file.readText()).jsonObject.getValue("dependencies").jsonArray
            val names = written.map { Path.of(it.jsonPrimitive.content) }
            names shouldContainExactly
                listOf("notebook-1.jar", "experiments-1.jar", "run-1.jar", "kotlinx-html-jvm-1.jar")
                    .map { folder.resolve(it) }
        }

        test("among the sources, the jar that their build makes") {
            val folder = tempdir().toPath()
            val jars = folder.jars("experiments/target/experiments-1.jar")
            val notebook = folder.jars(
                "notebook/target/notebook-1.jar",
                "notebook/target/notebook-1-sources.jar",
            ).first()
            KernelLibrary.of(pathOf(jars)).jars shouldContainExactly listOf(notebook) + jars
        }

        test("an installation without it is refused") {
            val jars = tempdir().toPath().jars("experiments-1.jar")
            shouldThrow<NoNotebookException> { KernelLibrary.of(pathOf(jars)) }.message shouldContain "notebook-*.jar"
        }
    })
