package dev.kausal.consumers

import java.nio.file.Files
import java.nio.file.Path
import kotlin.io.path.ExperimentalPathApi
import kotlin.io.path.copyTo
import kotlin.io.path.createDirectories
import kotlin.io.path.createSymbolicLinkPointingTo
import kotlin.io.path.deleteRecursively
import kotlin.io.path.exists
import kotlin.io.path.extension

/** A local repository of Maven with what this build has fetched, but none of Kausal's artifacts: those come from the deployed ones. */
internal object LocalRepository {
    /** Artifacts, which are linked one by one. The folders, and files that Maven writes again, are the repository's own. */
    private val linked = setOf("jar", "pom")
    private val kausal = Path.of("dev/kausal")

    /** Brings the repository at [folder] up to date. What its users have fetched besides is kept. */
    @OptIn(ExperimentalPathApi::class)
    fun prepare(folder: Path): Path {
        folder.resolve(kausal).deleteRecursively()
        val ofBuild = Path.of(System.getProperty("kausal.local"))
        val files = Files.walk(ofBuild).use { all -> all.filter { Files.isRegularFile(it) }.toList() }
        for (file in files) {
            val relative = ofBuild.relativize(file)
            val place = folder.resolve(relative)
            if (relative.startsWith(kausal) || place.exists()) continue
            place.parent.createDirectories()
            Files.deleteIfExists(place)
            if (file.extension in linked) place.createSymbolicLinkPointingTo(file) else file.copyTo(place)
        }
        return folder
    }
}
