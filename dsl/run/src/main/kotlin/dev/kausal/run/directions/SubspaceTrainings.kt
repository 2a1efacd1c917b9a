package dev.kausal.run.directions

import dev.kausal.engine.requests.OnRandomWeights
import dev.kausal.engine.requests.SubspaceSearch
import dev.kausal.engine.training.InterchangePair
import dev.kausal.engine.training.SubspaceTraining
import dev.kausal.engine.training.TrainedSubspace
import dev.kausal.run.context.RunContext
import dev.kausal.run.context.readJson
import dev.kausal.run.context.writeJson
import dev.kausal.run.inputs.readAt
import dev.kausal.run.inputs.rows
import dev.kausal.spec.ContrastSpec
import dev.kausal.spec.LabelledVectorsSpec
import dev.kausal.spec.SubspaceTrainingSpec
import kotlinx.serialization.builtins.ListSerializer
import kotlinx.serialization.builtins.serializer

/**
 * What a search trains.
 *
 * @property name name of its result
 * @property vectors the activations
 * @property training how each subspace is trained
 * @property seed seed of trainings and controls
 * @property draws number of random subspaces
 */
internal class SearchSettings(
    val name: String,
    val vectors: LabelledVectorsSpec,
    val training: SubspaceTrainingSpec,
    val seed: Long,
    val draws: Int,
)

/**
 * Subspaces of one hook point.
 *
 * @property whole trained on all contrasts
 * @property outside trained outside of each half
 * @property arbitrary trained outside of each half, on arbitrary labels
 * @property ofRandomWeights trained outside of each half, in a model with random weights
 */
internal class CellSubspaces(
    val whole: TrainedSubspace,
    val outside: List<TrainedSubspace>,
    val arbitrary: List<TrainedSubspace>,
    val ofRandomWeights: List<TrainedSubspace>,
) {
    companion object {
        /** Number of trainings of a hook point. */
        const val TRAININGS: Int = 7
    }
}

/**
 * Trains the subspaces of [spec]. The journal keeps each, since a training takes long.
 *
 * @param examples the contrasts
 * @param half the half of each contrast
 * @param exchanged whether arbitrary labels exchange answer and foil of each contrast
 */
internal class SubspaceTrainings(
    private val spec: SearchSettings,
    private val examples: List<ContrastSpec>,
    private val half: List<Int>,
    private val exchanged: List<Boolean>,
    private val on: RunContext,
) {
    private val training = spec.training.run { SubspaceTraining(rank, steps, batch, learningRate, spec.seed) }

    /** Trains the subspaces of cell number [cell]; [done] is called after each. */
    fun of(
        cell: Int,
        done: () -> Unit,
    ): CellSubspaces {
        fun search(
            own: List<Int>,
            arbitrary: Boolean = false,
        ) = SubspaceSearch(spec.vectors.points[cell].site, own.map { pair(it, arbitrary && exchanged[it]) }, training)

        fun trained(
            part: String,
            search: SubspaceSearch,
        ) = journaled("$cell-$part") { listOf(on.backend.answer(search)) }.single().also { done() }
        val outside = List(2) { own -> half.indices.filter { half[it] != own } }
        return CellSubspaces(
            whole = trained("whole", search(half.indices.toList())),
            outside = outside.mapIndexed { own, rest -> trained("half-$own", search(rest)) },
            arbitrary = outside.mapIndexed { own, rest -> trained("arbitrary-$own", search(rest, arbitrary = true)) },
            ofRandomWeights = journaled("$cell-random") {
                on.backend.answer(OnRandomWeights(outside.map { search(it) }, spec.seed))
            }.onEach { done() },
        )
    }

    /** Returns the interchange of a contrast: the clean prompt is the source, the corrupted one the base. */
    private fun pair(
        example: Int,
        exchanged: Boolean,
    ): InterchangePair {
        val contrast = examples[example]
        val base = checkNotNull(contrast.corrupted)
        val labels = if (exchanged) contrast.foils else contrast.answers
        return InterchangePair(
            on.inputs.of(base),
            base.readAt,
            spec.vectors.at.rows(base),
            on.inputs.of(contrast.clean),
            spec.vectors.at.rows(contrast.clean),
            labels.map { it.id },
        )
    }

    private fun journaled(
        part: String,
        train: () -> List<TrainedSubspace>,
    ): List<TrainedSubspace> {
        val name = "subspace-${spec.name}-$part"
        on.journal.readJson(name, STORED)?.let { return it.map(::subspace) }
        return train().also { trained -> on.journal.writeJson(name, STORED, trained.map(::numbers)) }
    }

    private companion object {
        /** Of each subspace its vectors, and last the losses. */
        val STORED = ListSerializer(ListSerializer(ListSerializer(Double.serializer())))

        fun numbers(of: TrainedSubspace): List<List<Double>> = of.basis().map { it.toList() } + listOf(of.losses())

        fun subspace(numbers: List<List<Double>>) =
            TrainedSubspace(numbers.dropLast(1).map { it.toDoubleArray() }, numbers.last())
    }
}
