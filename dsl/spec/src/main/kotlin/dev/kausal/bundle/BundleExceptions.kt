package dev.kausal.bundle

import java.nio.file.Path

/** A bundle that cannot be read or written. The message names the file and the problem. */
public sealed class BundleException(
    message: String,
    cause: Throwable? = null,
) : RuntimeException(message, cause) {
    private companion object {
        private const val serialVersionUID = 1L
    }
}

/** A file of a bundle is missing, damaged, or of a newer Kausal. */
public class BundleUnreadableException internal constructor(
    message: String,
    cause: Throwable? = null,
) : BundleException(message, cause) {
    private companion object {
        private const val serialVersionUID = 1L
    }
}

/** The folder for a new bundle is not empty. */
public class BundleExistsException internal constructor(
    public val folder: Path,
) : BundleException(
        "$folder is not an empty folder, and a bundle overwrites no files. Choose another --out, remove it, or pass " +
            "--force if it is a bundle to replace.",
    ) {
    private companion object {
        private const val serialVersionUID = 1L
    }
}

/** The path of a new bundle is a symbolic link, dangling or not. */
public class BundleIsLinkException internal constructor(
    public val link: Path,
) : BundleException(
        "$link is a symbolic link, which a bundle does not replace. Pass the link's target as --out, or remove " +
            "the link.",
    ) {
    private companion object {
        private const val serialVersionUID = 1L
    }
}

/** The folder for a new bundle cannot be written. */
public class BundleNotWritableException internal constructor(
    public val folder: Path,
    cause: Throwable?,
) : BundleException(
        "$folder cannot be written${cause?.message?.let { " ($it)" }.orEmpty()}. " +
            "Free some space, correct its permissions, or choose another --out.",
        cause,
    ) {
    private companion object {
        private const val serialVersionUID = 1L
    }
}

/** A folder that is not a bundle: it lacks [missing]. */
public class NotABundleException internal constructor(
    public val folder: Path,
    public val missing: String,
) : BundleException(
        "$folder is not a bundle: it has no $missing. A bundle is the folder that 'kausal run' writes.",
    ) {
    private companion object {
        private const val serialVersionUID = 1L
    }
}
