package dev.kausal.notebook

import java.nio.file.Path

/** The command line as a build of the sources leaves it. */
internal object Installation {
    private val target: Path = Path.of("../experiments/target").toAbsolutePath().normalize()

    /** Runs `kausal` with [words] in [folder] and returns what it printed. */
    fun kausal(folder: Path, vararg words: String): String {
        val own = Regex("experiments-[0-9.]+(-SNAPSHOT)?\\.jar")
        val jars = target.toFile().listFiles { file -> own.matches(file.name) }
        val classPath = "${checkNotNull(jars).single()}:$target/lib/*"
        val command = listOf("java", "-XX:TieredStopAtLevel=1", "-cp", classPath, "dev.kausal.experiments.MainKt")
        val process = ProcessBuilder(command + words)
            .directory(folder.toFile())
            .redirectErrorStream(true)
            .also { it.environment()["OMP_WAIT_POLICY"] = "PASSIVE" }
            .start()
        val printed = process.inputReader().readText()
        val code = process.waitFor()
        check(code == 0) { "kausal ${words.joinToString(" ")} ended with $code:\n$printed" }
        return printed
    }
}
