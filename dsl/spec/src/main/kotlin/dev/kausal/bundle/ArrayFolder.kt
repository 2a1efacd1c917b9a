package dev.kausal.bundle

import dev.kausal.spec.AxisSpec
import dev.kausal.spec.NumberType
import dev.kausal.spec.Result
import dev.kausal.spec.StoredArray
import dev.kausal.spec.StoredArrays
import java.io.IOException
import java.nio.file.Files
import java.nio.file.Path

/** Files for results that are too large for `results.json`: `arrays/NAME.safetensors` in [folder], one per result. */
public class ArrayFolder private constructor(
    private val folder: Lazy<Path>,
) : AutoCloseable {
    /** Stores arrays in the bundle at [folder]. */
    public constructor(folder: Path) : this(lazyOf(folder))

    private val names = HashSet<String>()

    /**
     * Opens the file of the result called [result].
     *
     * @param axes axes of the result, as long as the longest example needs
     * @param examples for each example its label and the lengths of its own axes
     * @throws BundleNotWritableException if the file cannot be created
     */
    public fun create(
        result: String,
        type: NumberType,
        axes: List<AxisSpec>,
        examples: List<Pair<String, List<Int>>>,
    ): ArrayWriter {
        val box = axes.map { it.labels.size }
        val own = examples.mapIndexed { i, (_, shape) -> StoredArray("$result/$i", shape) }
        val mean = if (own.size == 1) emptyList() else listOf(StoredArray("$result/mean", box))
        val labels = examples.mapIndexed { i, (label) -> own[i].name to label }
        val notes = mapOf("axes" to axes.joinToString { it.name }) + labels
        val file = fileOf(result)
        try {
            Files.createDirectories(folder.value.resolve(ARRAYS))
        } catch (e: IOException) {
            throw BundleNotWritableException(folder.value, e)
        }
        return ArrayWriter(folder.value, file, ArrayLayout(type, own + mean, notes), box)
    }

    /**
     * Writes fitted directions, or bases of subspaces, of the result called [result], by name, and returns their file in
     * the bundle and its SHA-256.
     *
     * @param notes how and on which examples they were fitted: texts of the file's `__metadata__`
     * @throws BundleNotWritableException if the file cannot be written
     */
    public fun directions(
        result: String,
        vectors: Map<String, List<FloatArray>>,
        notes: Map<String, String>,
    ): Pair<String, String> {
        val file = fileOf(result).replaceFirst(ARRAYS, DirectionFile.FOLDER)
        return file to DirectionFile.write(folder.value, file, vectors, notes)
    }

    /** Returns a file name that no other result has, not even in other case, which some file systems ignore. */
    private fun fileOf(result: String): String {
        val plain = BundleFiles.fileName(result, otherwise = "result")
        return generateSequence(1) { it + 1 }
            .map { if (it == 1) plain else "$plain-$it" }
            .first { names.add(it.lowercase()) }
            .let { "$ARRAYS/$it.safetensors" }
    }

    /** Removes the arrays and directions of a [temporary] folder; mapped arrays stay readable. */
    override fun close() {
        if (!folder.isInitialized()) return
        listOf(ARRAYS, DirectionFile.FOLDER).forEach { WholeFiles.deleteTree(folder.value.resolve(it)) }
    }

    public companion object {
        private const val ARRAYS = "arrays"
        private val FILE = Regex("$ARRAYS/[\\p{L}\\p{N}_][\\p{L}\\p{N}._-]*\\.safetensors")

        /**
         * Returns a temporary folder, which is created on first use and removed when the process ends.
         */
        public fun temporary(): ArrayFolder = ArrayFolder(
            lazy {
                Files.createTempDirectory("kausal-arrays-").also { folder ->
                    Runtime.getRuntime().addShutdownHook(Thread { WholeFiles.deleteTree(folder) })
                }
            },
        )

        /**
         * Returns [result] with the numbers of its arrays, which are read from the bundle [folder] when needed.
         *
         * @param checked whether the file's hash is compared with the recorded one
         */
        internal fun attached(
            folder: Path,
            result: Result,
            checked: Boolean,
        ): Result {
            if (checked) DirectionFile.check(folder, result)
            val stored = result.arrays ?: return result
            val bundle = BundleFolder(folder)
            if (!FILE.matches(stored.file)) {
                throw BundleUnreadableException(
                    "results.json in $folder names the arrays '${stored.file}', which Kausal does not write.",
                )
            }
            if (checked && bundle.sha256(stored.file) != stored.sha256) {
                val file = folder.resolve(stored.file)
                throw BundleUnreadableException(
                    "$file was changed after the run: its SHA-256 differs from the one in results.json. " +
                        "Run the script again, or copy the bundle again from its source.",
                )
            }
            return try {
                read(bundle, result, stored)
            } catch (e: IllegalArgumentException) {
                throw misplaced(folder.resolve(stored.file), e)
            } catch (e: ArithmeticException) {
                throw misplaced(folder.resolve(stored.file), e)
            }
        }

        private fun read(
            bundle: BundleFolder,
            result: Result,
            stored: StoredArrays,
        ): Result {
            val layout = ArrayLayout(stored.type, (stored.perExample + stored.mean).distinct(), emptyMap())
            val box = result.axes.map { it.labels.size }
            require(stored.perExample.size == result.examples.size) { "it has ${stored.perExample.size} examples" }
            require(stored.mean.shape == box) { "its mean has the shape ${stored.mean.shape}" }
            require(stored.perExample.all { fits(it.shape, box) }) { "an example is larger than the result" }
            val found = bundle.channel(stored.file) { ArrayWriter.attached(it, stored, layout, box) }
            return result.copy(perExample = found.rows, mean = found.mean)
        }

        private fun fits(
            own: List<Int>,
            box: List<Int>,
        ): Boolean = own.size == box.size && own.zip(box).all { (a, b) -> a in 0..b }

        private fun misplaced(
            file: Path,
            e: RuntimeException,
        ) = BundleUnreadableException(
            "$file does not hold the arrays that results.json names: ${e.message.orEmpty().lines().first()}",
            e,
        )
    }
}
