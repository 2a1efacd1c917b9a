package dev.kausal.experiments.cli

import io.kotest.assertions.withClue
import io.kotest.core.spec.style.FunSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import java.nio.file.Path
import kotlin.io.path.copyTo
import kotlin.io.path.createDirectories
import kotlin.io.path.writeText

/** A launcher whose Java cannot start ends with 3, and not with Java's 1, which says that a check has failed. */
class LauncherTest :
    FunSpec({
        // As in a release: no sources, so that nothing is built.
        val home = tempdir().toPath().resolve("kausal home").createDirectories()
        val launcher = Path.of("../kausal").copyTo(home.resolve("kausal"))
        launcher.toFile().setExecutable(true)
        home.resolve("kausal.jsa").writeText("")

        fun ended(
            commands: String,
            options: String? = null,
        ): Pair<Int, String> {
            val builder = ProcessBuilder("sh", "-c", commands).redirectErrorStream(true)
            val environment = builder.environment()
            environment["JAVA_HOME"] = System.getProperty("java.home")
            environment.keys.removeAll(setOf("KAUSAL_JAVA_OPTS", "JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS"))
            options?.let { environment["KAUSAL_JAVA_OPTS"] = it }
            val process = builder.start()
            val said = process.inputStream.readAllBytes().decodeToString()
            return process.waitFor() to said
        }

        fun shouldNotStart(
            ended: Pair<Int, String>,
            because: String,
        ) {
            withClue(ended.second) {
                ended.first shouldBe 3
                ended.second shouldContain because
            }
        }

        test("too little address space") {
            shouldNotStart(ended("ulimit -v 300000; exec '$launcher' --version"), "Java does not start here")
        }

        test("options that Java does not have") {
            shouldNotStart(ended("exec '$launcher' --version", "-XX:+NoSuchOption"), "Java does not start here")
        }

        test("too few open files") {
            shouldNotStart(ended("ulimit -n 40; exec '$launcher' --version"), "open files")
        }

        test("a cluster, in a release") {
            shouldNotStart(
                ended("exec '$launcher' run fact-recall --cluster 'local[2]'"),
                "needs its sources for --cluster",
            )
        }

        test("a folder that is not there any more") {
            val gone = tempdir().toPath().resolve("gone").createDirectories()
            shouldNotStart(ended("cd '$gone'; rmdir '$gone'; exec '$launcher' --version"), "current folder")
        }
    })
