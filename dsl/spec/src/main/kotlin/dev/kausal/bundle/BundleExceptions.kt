package dev.kausal.bundle

import java.nio.file.Path

/** A bundle cannot be read or written. The message names the file and what is wrong with it. */
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

/** The folder that a bundle should become has something in it. */
public class BundleExistsException internal constructor(
    public val folder: Path,
) : BundleException(
        "$folder exists and is not an empty folder. A bundle never overwrites: name another --out, or remove it.",
    ) {
    private companion object {
        private const val serialVersionUID = 1L
    }
}

/** The name that the bundle should have is a symbolic link's, dangling or not. */
public class BundleIsLinkException internal constructor(
    public val link: Path,
) : BundleException(
        "$link is a symbolic link, and a bundle does not take the place of one. Name the folder that it should lead " +
            "to as --out, or remove the link.",
    ) {
    private companion object {
        private const val serialVersionUID = 1L
    }
}

/** The place where the bundle should go cannot be written. */
public class BundleNotWritableException internal constructor(
    public val folder: Path,
    cause: Throwable?,
) : BundleException(
        "$folder cannot be written${cause?.message?.let { " ($it)" }.orEmpty()}. " +
            "Make room, correct its permissions, or run with another --out.",
        cause,
    ) {
    private companion object {
        private const val serialVersionUID = 1L
    }
}

/** A folder is no bundle: it has no [missing]. */
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
