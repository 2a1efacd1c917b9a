package dev.kausal.experiments.shards

import io.kotest.assertions.withClue
import io.kotest.core.spec.style.FunSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.shouldBe
import java.nio.file.Path
import java.util.concurrent.TimeUnit
import kotlin.io.path.createDirectories
import kotlin.io.path.readText
import kotlin.io.path.writeText

/** The script for Slurm in the guide, run as an array job runs it: at once, each with the variables of its task. */
class SlurmScriptTest :
    FunSpec({
        val folder = tempdir().toPath()
        val guide = Path.of("../docs/guide/many-machines.md").readText()
        val script = checkNotNull(Regex("```\n(#!/bin/sh\n#SBATCH.*?)```", RegexOption.DOT_MATCHES_ALL).find(guide)) {
            "the guide has no script for Slurm"
        }.groupValues[1]
        val merge = checkNotNull(Regex("--wrap '(.*?)'").find(guide)) { "the guide does not merge" }.groupValues[1]

        // The command line of this build, on the embedded model and few facts.
        val java = Path.of(System.getProperty("java.home"), "bin", "java")
        val few = "sed -e 's/--model smollm2-135m-q4//' -e 's/examples=120/examples=3/' -e 's/--memory 4g/--memory 2g/'"
        val main = "exec '$java' -cp '${System.getProperty("java.class.path")}' dev.kausal.experiments.MainKt"
        val kausal = folder.resolve("kausal")
        kausal.writeText("#!/bin/sh\n$main $(printf '%s ' \"$@\" | $few)\n")
        kausal.toFile().setExecutable(true)

        val cache = folder.resolve("cache").createDirectories()

        fun started(script: String, name: String, variables: Map<String, String> = emptyMap()): Process =
            ProcessBuilder("sh", "-c", script).directory(folder.toFile()).redirectErrorStream(true)
                .redirectOutput(folder.resolve("log-$name").toFile())
                .apply { environment() += variables + ("KAUSAL_HOME" to "$cache") }
                .start()

        fun Process.ended(name: String) {
            waitFor(5, TimeUnit.MINUTES) shouldBe true
            withClue(folder.resolve("log-$name").readText()) { exitValue() shouldBe 0 }
        }

        test("two tasks of the array and the merge give the bundle of one process") {
            val tasks = (1..2).map { task ->
                val variables = mapOf("SLURM_ARRAY_TASK_ID" to "$task", "SLURM_ARRAY_TASK_MAX" to "2")
                started(script, "$task", variables)
            }
            tasks.forEachIndexed { index, task -> task.ended("${index + 1}") }
            started(merge, "merge").ended("merge")
            val command = Regex("exec (.*) --shard \"[^\"]*\" (.*) --out trace").find(script.replace("\\\n", ""))
            val (before, after) = checkNotNull(command) { "no command in the script" }.destructured
            started("exec $before $after --out whole", "whole").ended("whole")
            listOf("spec.json", "results.json").forEach {
                folder.resolve("trace/$it").readText() shouldBe folder.resolve("whole/$it").readText()
            }
        }
    })
