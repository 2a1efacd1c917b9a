package dev.kausal.experiments.training

import dev.kausal.bundle.BundleFolder
import dev.kausal.engine.model.Checkpoint
import dev.kausal.engine.model.HookedModel
import dev.kausal.engine.training.Adam
import dev.kausal.engine.weights.SafetensorsWriter
import dev.kausal.engine.weights.SafetensorsWriter.Precision
import dev.kausal.engine.weights.WeightStores
import dev.kausal.reports.page.TrainingCurve
import kotlinx.serialization.Serializable
import kotlinx.serialization.json.Json
import java.nio.file.Files
import java.nio.file.Path
import java.nio.file.StandardCopyOption.ATOMIC_MOVE
import kotlin.io.path.createDirectories
import kotlin.io.path.deleteRecursively
import kotlin.io.path.exists
import kotlin.io.path.isRegularFile
import kotlin.io.path.readText
import kotlin.io.path.writeText

/**
 * Progress of a training, besides weights and optimiser.
 *
 * @property training name of the training
 * @property settings that identify the training of a checkpoint
 */
@Serializable
internal data class Progressed(
    val training: String,
    val settings: String,
    val step: Int,
    val curve: TrainingCurve,
)

/**
 * The checkpoint in a training's folder: a model folder with weights in full precision, and the optimiser's moments
 * below it. A new checkpoint replaces the old one completely; one whose files have changed is refused.
 */
@OptIn(kotlin.io.path.ExperimentalPathApi::class)
internal class TrainingState(
    out: Path,
) {
    /** The checkpoint's folder, which opens as a model. */
    val folder: Path = out.resolve("checkpoint")
    private val draft = out.resolve("checkpoint.partial")
    private val aside = out.resolve("checkpoint.old")

    /** Returns the stored progress; null if there is none. */
    fun read(): Progressed? {
        // Between the two moves of a replacement, the old checkpoint is still complete.
        if (!folder.exists() && aside.exists()) Files.move(aside, folder, ATOMIC_MOVE)
        val file = folder.resolve(STATE)
        if (!file.isRegularFile()) {
            draft.deleteRecursively()
            return null
        }
        val sums = folder.resolve(SUMS)
        if (!sums.isRegularFile() || sums.readText() != sumsOf(folder)) throw CheckpointDamagedException(folder)
        return Json.decodeFromString<Progressed>(file.readText())
    }

    /** Returns the SHA-256 of every file in [of], a line each as sha256sum writes it. */
    private fun sumsOf(of: Path): String {
        val files = BundleFolder(of)
        val names =
            Files.walk(of).use { all -> all.filter { it.isRegularFile() }.map { "${of.relativize(it)}" }.toList() }
        return (names - SUMS).sorted().joinToString("") { "${files.sha256(it)}  $it\n" }
    }

    /** Writes a checkpoint; [furnish] adds config and tokenizer. */
    fun write(
        progressed: Progressed,
        model: HookedModel,
        adam: Adam,
        furnish: (Path) -> Unit,
    ): Unit =
        replace {
            furnish(it)
            Checkpoint.write(model, it.resolve("model.safetensors"), Precision.F32)
            val moments = it.resolve(MOMENTS).apply { parent.createDirectories() }
            SafetensorsWriter.write(moments, adam.state(), Precision.F32)
            it.resolve(STATE).writeText(Json.encodeToString(progressed))
        }

    /** Writes the checkpoint of step 0. */
    fun begin(
        progressed: Progressed,
        weights: List<SafetensorsWriter.Tensor>,
        furnish: (Path) -> Unit,
    ): Unit =
        replace {
            furnish(it)
            SafetensorsWriter.write(it.resolve("model.safetensors"), weights, Precision.F32)
            it.resolve(STATE).writeText(Json.encodeToString(progressed))
        }

    private fun replace(fill: (Path) -> Unit) {
        draft.deleteRecursively()
        fill(draft.createDirectories())
        draft.resolve(SUMS).writeText(sumsOf(draft))
        aside.deleteRecursively()
        if (folder.exists()) Files.move(folder, aside, ATOMIC_MOVE)
        Files.move(draft, folder, ATOMIC_MOVE)
        aside.deleteRecursively()
    }

    /** Restores the optimiser's moments. */
    fun restore(
        adam: Adam,
        step: Int,
    ) {
        if (step > 0) WeightStores.open(folder.resolve(MOMENTS)).use { adam.restore(it, step) }
    }

    /** Removes the checkpoint at the end of training. It loses its name first, since half of one looks damaged. */
    fun remove() {
        listOf(aside, draft).forEach { it.deleteRecursively() }
        if (folder.exists()) Files.move(folder, draft, ATOMIC_MOVE)
        draft.deleteRecursively()
    }

    private companion object {
        const val STATE = "state.json"
        const val SUMS = "SHA256SUMS"
        const val MOMENTS = "optimizer/moments.safetensors"
    }
}
