package dev.kausal.consumers

import io.kotest.core.spec.style.FunSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.collections.shouldHaveSize
import io.kotest.matchers.collections.shouldNotBeEmpty
import io.kotest.matchers.doubles.plusOrMinus
import io.kotest.matchers.shouldBe
import java.io.File
import java.nio.file.Path
import kotlin.io.path.name
import kotlin.io.path.readText

/** Programs outside of this build depend on the deployed artifacts. */
class ConsumersTest :
    FunSpec({
        val folder = tempdir().toPath()
        val local by lazy { LocalRepository.prepare(Path.of("target/local").toAbsolutePath()) }
        val places = arrayOf("-Dkausal.repository=${Repository.folder}", "-Dkausal.version=${Repository.version}")
        for (project in listOf(
            "java",
            "kotlin",
            "gradle",
        )) {
            File(project).copyRecursively(folder.resolve(project).toFile())
        }

        /** Returns the class path of a project that Maven has built. */
        fun built(name: String): List<String> {
            val project = folder.resolve(name)
            val file = project.resolve("class-path")
            Programs.maven(project, local, *places, "-Dmdep.outputFile=$file", "compile", "dependency:build-classpath")
            return listOf("$project/target/classes") + file.readText().trim().split(File.pathSeparatorChar)
        }

        /** Runs a program; returns the numbers that it prints. */
        fun numbers(classPath: List<String>, vararg main: String): List<Double> {
            val line = listOf(Programs.java, "-cp", classPath.joinToString(File.pathSeparator), *main)
            return Programs.printed(folder, emptyMap(), line).lines()
                .filter { it.startsWith("head ") || it.startsWith("unedited ") }
                .map { it.substringAfterLast(' ').toDouble() }
        }

        val ofJava by lazy { numbers(built("java"), "Heads") }

        // Versions that the build manages are not those of its users.
        if (Programs.offline) {
            println(
                "offline: projects that depend on Kausal are not built, since they resolve their own versions.",
            )
        }

        test("a sweep from Java with Maven has the numbers of an experiment from Kotlin, which needs no compiler")
            .config(enabled = !Programs.offline) {
                val jars = built("kotlin")
                jars.map { Path.of(it).name }.filter { jar -> TOOLS.any { jar.startsWith(it) } }.shouldBeEmpty()
                val ofKotlin = numbers(jars, "HeadsKt", "$folder/bundle")
                ofJava shouldHaveSize 17
                ofKotlin shouldHaveSize 17
                ofJava.zip(ofKotlin).forEach { (one, other) -> one shouldBe (other plusOrMinus 2e-3) }
            }

        val gradle = Programs.installed("gradle")
        if (gradle == null) println("gradle is not installed: its consumer is not built.")
        test("Gradle resolves the same artifacts").config(enabled = gradle != null && !Programs.offline) {
            val printed = Programs.gradle(folder.resolve("gradle"), local, *places, "classPath")
            val jars = printed.trim().lines().last().split(File.pathSeparatorChar)
            jars.filter { it.startsWith("${Repository.folder}") }.shouldNotBeEmpty()
            numbers(jars, "Heads") shouldBe ofJava
        }
    }) {
    private companion object {
        /** What a program that runs experiments does not need: a compiler, the command line, a choice of logging. */
        val TOOLS = listOf("kotlin-compiler", "kotlin-scripting", "clikt", "mordant", "slf4j-nop")
    }
}
