package dev.kausal.experiments

/** The version of this build, from its jar; `development` if run from class folders. */
internal object KausalVersion {
    val text: String by lazy { KausalVersion::class.java.`package`?.implementationVersion ?: "development" }
}
