package dev.kausal.experiments.shards

import dev.kausal.bundle.BundleFiles
import dev.kausal.bundle.WholeFiles
import dev.kausal.experiments.bundle.RunJournal
import kotlinx.serialization.KSerializer
import kotlinx.serialization.SerializationException
import java.io.IOException
import java.nio.file.Files
import java.nio.file.LinkOption.NOFOLLOW_LINKS
import java.nio.file.Path
import kotlin.io.path.createDirectories
import kotlin.io.path.exists
import kotlin.io.path.isDirectory
import kotlin.io.path.isRegularFile
import kotlin.io.path.listDirectoryEntries
import kotlin.io.path.name
import kotlin.io.path.readText

/**
 * The folder that the shards of one run share until they are merged: `shards/` in the later bundle [out], with
 * `run.json`, a record per shard and the parts of the journal. Every file is written whole; none is replaced by other
 * content but a shard's own record.
 */
internal class ShardFolder(
    val out: Path,
) {
    private val folder = out.resolve(NAME)
    private val parts = folder.resolve("parts")

    /** Returns what the shards agree on; null if there are none yet. */
    fun run(): ShardedRun? = read(folder.resolve(RUN), ShardedRun.serializer())

    /**
     * Throws unless shards can be written here: a cheap check before the script compiles.
     *
     * @throws ShardsException if the folder holds something else
     */
    fun check() {
        if (!out.exists(NOFOLLOW_LINKS)) return
        if (out.resolve(BundleFiles.ENVIRONMENT).exists() && !folder.exists()) throw ShardsException.merged(out)
        if (!out.isDirectory() || (!folder.isDirectory() && out.listDirectoryEntries().isNotEmpty())) {
            throw ShardsException.otherFiles(out)
        }
    }

    /**
     * Makes this the folder of [run].
     *
     * @param refusal the error for the differences from the run that it is the folder of
     * @throws ShardsException if it is that of another run
     */
    fun claim(run: ShardedRun, refusal: (Path, List<String>) -> ShardsException = ShardsException::otherRun) {
        check()
        writing {
            parts.createDirectories()
            if (run() == null) place(folder.resolve(RUN), json(run, ShardedRun.serializer()))
        }
        val differences = checkNotNull(run()) { "run.json is unreadable" }.differences(run)
        if (differences.isNotEmpty()) throw refusal(out, differences)
    }

    /** Returns the journal of all shards; [say] receives a line for each damaged part. */
    fun journal(say: (String) -> Unit): RunJournal = RunJournal.shared(parts, say) { throw unwritable(it) }

    /** Writes the record of a shard, with the parts of an earlier attempt. */
    fun record(record: ShardRecord) {
        val earlier = record(record.number, record.count)?.parts.orEmpty()
        val whole = record.copy(parts = earlier + record.parts)
        writing { WholeFiles.replace(file(record.number, record.count), json(whole, ShardRecord.serializer())) }
    }

    /** Returns the records of all shards of [run]; throws [ShardsException] if one is missing, or parts of it are. */
    fun records(run: ShardedRun): List<ShardRecord> {
        val found = (1..run.count).associateWith { record(it, run.count) }
        val missing = found.filterValues { it == null }.keys.toList()
        if (missing.isNotEmpty()) throw ShardsException.missing(out, missing, run.count)
        val records = found.values.filterNotNull()
        val journal = RunJournal.shared(parts, {}) { throw it }
        records.forEach { record ->
            val whole = record.parts.all { (part, hash) -> journal.read(part)?.let(BundleFiles::sha256) == hash }
            if (!whole) throw ShardsException.damaged(out, record.number, record.count)
        }
        return records
    }

    /** Returns whether shard [number] of [count] has ended at least once. */
    fun hasEnded(number: Int, count: Int): Boolean = record(number, count) != null

    /** Copies the shards of [other], computed on a machine without access to this folder. */
    fun add(other: ShardFolder) {
        val run = other.run() ?: throw ShardsException.notShards(other.out)
        claim(run)
        writing {
            other.parts.listDirectoryEntries("*${RunJournal.SUFFIX}").filter {
                it.isRegularFile(NOFOLLOW_LINKS)
            }.forEach {
                place(parts.resolve(it.name), Files.readAllBytes(it))
            }
        }
        for (number in 1..run.count) other.record(number, run.count)?.let(::record)
    }

    /** Removes the shards, once the bundle is written. */
    fun discard(): Unit = WholeFiles.deleteTree(folder)

    private fun record(number: Int, count: Int): ShardRecord? = read(file(number, count), ShardRecord.serializer())

    private fun file(number: Int, count: Int): Path = folder.resolve("shard-$number-of-$count.json")

    private fun <T> json(value: T, serializer: KSerializer<T>): ByteArray =
        (BundleFiles.pretty.encodeToString(serializer, value) + "\n").encodeToByteArray()

    private fun <T : Any> read(file: Path, serializer: KSerializer<T>): T? {
        if (!file.isRegularFile(NOFOLLOW_LINKS) || Files.size(file) > MOST_BYTES) return null
        return try {
            BundleFiles.pretty.decodeFromString(serializer, file.readText())
        } catch (e: SerializationException) {
            throw ShardsException("$file is damaged, or of another version of Kausal: ${e.message}", e)
        }
    }

    /** Writes [file] unless it exists. */
    private fun place(file: Path, bytes: ByteArray) {
        if (!file.exists(NOFOLLOW_LINKS)) WholeFiles.replace(file, bytes)
    }

    private fun writing(write: () -> Unit): Unit =
        try {
            write()
        } catch (e: IOException) {
            throw unwritable(e)
        }

    private fun unwritable(e: IOException) = ShardsUnwritableException(out, e)

    internal companion object {
        /** Name of the folder in the bundle's. */
        const val NAME: String = "shards"
        private const val RUN = "run.json"
        private const val MOST_BYTES = 1L shl 26
    }
}
