package dev.kausal.experiments.bundle

import dev.kausal.bundle.BundleException
import dev.kausal.engine.errors.KausalException
import dev.kausal.engine.errors.KausalException.Blame
import java.nio.file.Path

/** The folder that `--out` names has something in it. */
internal class BundleExistsException(
    val folder: Path,
) : KausalException(
        Blame.USER,
        "$folder exists and is not an empty folder. A bundle never overwrites: name another --out, or remove it.",
    ) {
    private companion object {
        private const val serialVersionUID = 1L
    }
}

/** The place where the bundle should go cannot be written. */
internal class BundleNotWritableException(
    val folder: Path,
    cause: Throwable?,
) : KausalException(
        Blame.MACHINE,
        "$folder cannot be written${cause?.message?.let { " ($it)" }.orEmpty()}. " +
            "Make room, correct its permissions, or run with another --out.",
        cause,
    ) {
    private companion object {
        private const val serialVersionUID = 1L
    }
}

/** A bundle's file is damaged, or of a newer Kausal. */
internal class BundleUnreadableException(
    cause: BundleException,
) : KausalException(Blame.USER, cause.message.orEmpty(), cause) {
    private companion object {
        private const val serialVersionUID = 1L
    }
}

/** What `report` was given is no bundle. */
internal class NotABundleException(
    val folder: Path,
    val missing: String,
) : KausalException(
        Blame.USER,
        "$folder is not a bundle: it has no $missing. A bundle is the folder that 'kausal run' writes.",
    ) {
    private companion object {
        private const val serialVersionUID = 1L
    }
}
