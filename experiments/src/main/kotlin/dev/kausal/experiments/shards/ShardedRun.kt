package dev.kausal.experiments.shards

import dev.kausal.bundle.BundleFiles
import dev.kausal.engine.errors.KausalException
import kotlinx.serialization.Serializable
import java.io.IOException
import java.nio.file.Path

/**
 * `shards/run.json`: what all shards of a run agree on.
 *
 * @property count number of shards
 * @property target the script's file or the study's name, for the merge
 * @property script the script's text
 * @property spec SHA-256 of the experiment as declared, with the hash of the weights
 * @property memory bytes beyond the weights, which determine which cells share a matrix product
 * @property threads threads of the shards that set none of their own
 * @property command the command without its shard, for `environment.json`
 * @property precision word of the precision
 * @property streamed whether layers are read from the file as passes reach them, which changes how cells are grouped
 */
@Serializable
internal data class ShardedRun(
    val kausal: String,
    val experiment: String,
    val count: Int,
    val target: String,
    val parameters: Map<String, String>,
    val model: String?,
    val script: String,
    val spec: String,
    val executor: String,
    val memory: Long,
    val threads: Int,
    val command: List<String>,
    val streamed: Boolean = false,
    val precision: String = "float32",
) {
    /** Returns a sentence for each fact that determines numbers and differs in [other]. */
    fun differences(other: ShardedRun): List<String> {
        val facts = listOf<Pair<String, (ShardedRun) -> Any?>>(
            "Kausal's version" to { it.kausal },
            "the number of shards" to { it.count },
            "the script's text" to { BundleFiles.sha256(it.script.encodeToByteArray()).take(SHOWN) },
            "the parameters" to { it.parameters },
            "the experiment (inputs, model, weights)" to { "${it.experiment}, ${it.spec.take(SHOWN)}" },
            "the executor" to { it.executor },
            "the precision" to { it.precision },
            "whether weights are streamed" to { it.streamed },
            "the memory beyond the weights" to { "${it.memory} bytes" },
        )
        return facts.filter { (_, fact) -> fact(this) != fact(other) }.map { (name, fact) ->
            "$name: ${fact(this)} there, ${fact(other)} here"
        }
    }

    internal companion object {
        private const val SHOWN = 12
    }
}

/**
 * `shards/shard-3-of-16.json`: what a shard has computed, and where.
 *
 * @property parts names and SHA-256 of the journal's parts that it has computed
 */
@Serializable
internal data class ShardRecord(
    val number: Int,
    val count: Int,
    val host: String,
    val processor: String,
    val threads: Int,
    val seconds: Double,
    val parts: Map<String, String>,
)

/** A folder of shards that cannot be used as asked. */
internal class ShardsException(
    message: String,
    cause: Throwable? = null,
) : KausalException(Blame.USER, message, cause) {
    internal companion object {
        private const val serialVersionUID = 1L

        fun notShards(folder: Path) =
            ShardsException(
                "$folder has no shards of a run. Compute them with 'kausal run SCRIPT --shard 1/N --out $folder', " +
                    "up to N/N, then merge.",
            )

        fun merged(folder: Path) =
            ShardsException("$folder is a finished bundle: its shards were merged. Choose another --out.")

        fun otherFiles(folder: Path) =
            ShardsException("$folder is neither empty nor a folder of shards. Choose another --out, or remove it.")

        fun otherRun(folder: Path, differences: List<String>) =
            ShardsException(
                "$folder has shards of another run, which differs in:\n" +
                    differences.joinToString("\n") { "  $it" } +
                    "\nShards of one run need the same script, inputs, model and options. Use another --out.",
            )

        fun changed(folder: Path, differences: List<String>) =
            ShardsException(
                "The shards in $folder are of another experiment than the script declares now:\n" +
                    differences.joinToString("\n") { "  $it" } +
                    "\nRestore the script and its inputs, or compute the shards again in another folder.",
            )

        fun missing(folder: Path, shards: List<Int>, count: Int) =
            ShardsException(
                "${if (shards.size == 1) "A shard has" else "${shards.size} shards have"} not ended: " +
                    shards.take(NAMED).joinToString { "$it/$count" } + (if (shards.size > NAMED) ", ..." else "") +
                    ". Run each with --shard and --out $folder; finished parts are not repeated.",
            )

        fun damaged(folder: Path, shard: Int, count: Int) =
            ShardsException(
                "Parts that shard $shard/$count had computed are missing from $folder, or damaged. Run it again.",
            )

        private const val NAMED = 20
    }
}

/** A folder of shards that cannot be written. */
internal class ShardsUnwritableException(
    folder: Path,
    cause: IOException,
) : KausalException(
        Blame.MACHINE,
        "Shards cannot be written to $folder (${cause.message}). Free some space, correct its permissions, or choose " +
            "another --out; finished parts are not repeated.",
        cause,
    ) {
    private companion object {
        private const val serialVersionUID = 1L
    }
}
