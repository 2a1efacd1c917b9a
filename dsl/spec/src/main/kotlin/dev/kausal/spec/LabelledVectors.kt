package dev.kausal.spec

import kotlinx.serialization.SerialName
import kotlinx.serialization.Serializable

/** Some units of a hook point. */
@Serializable
public data class PointSpec(
    val site: String,
    val part: PartSpec = PartSpec.All,
)

/**
 * Activations of two classes of prompts, at several hook points.
 *
 * @property classes the prompts of each class
 * @property axes `layer`, or `layer` and `head`
 * @property points hook points, row-major over [axes]
 * @property at positions; activations of several are averaged
 */
@Serializable
public data class LabelledVectorsSpec(
    val classes: ClassesSpec,
    val axes: List<AxisSpec>,
    val points: List<PointSpec>,
    val at: PlaceSpec,
)

/** Two classes of prompts. */
@Serializable
public sealed interface ClassesSpec {
    /** Returns the examples, each with a prompt of one class, or one of either. */
    public fun examples(
        set: String,
        experiment: ExperimentSpec,
    ): List<ContrastSpec> = experiment.contrasts.first { it.name == set }.contrasts

    /** Returns the prompts of [example], number [index] of [examples], each with whether it is of the first class. */
    public fun prompts(
        example: ContrastSpec,
        index: Int,
        set: String,
        experiment: ExperimentSpec,
    ): List<Pair<PromptSpec, Boolean>>

    /** The clean and the corrupted prompt of each contrast; [clean] tells which is of the first class. */
    @Serializable
    @SerialName("pairs")
    public data class Pairs(
        val clean: Boolean = true,
    ) : ClassesSpec {
        override fun prompts(
            example: ContrastSpec,
            index: Int,
            set: String,
            experiment: ExperimentSpec,
        ): List<Pair<PromptSpec, Boolean>> =
            listOfNotNull(example.clean to clean, example.corrupted?.let { it to !clean })
    }

    /** The clean prompts of the analysis's set, and those of the set called [other]. */
    @Serializable
    @SerialName("sets")
    public data class Sets(
        val other: String,
    ) : ClassesSpec {
        override fun examples(
            set: String,
            experiment: ExperimentSpec,
        ): List<ContrastSpec> = listOf(set, other).flatMap { super.examples(it, experiment) }

        override fun prompts(
            example: ContrastSpec,
            index: Int,
            set: String,
            experiment: ExperimentSpec,
        ): List<Pair<PromptSpec, Boolean>> = listOf(example.clean to (index < super.examples(set, experiment).size))
    }

    /** The clean prompts of the analysis's set: those whose example has a label in [first], and all others. */
    @Serializable
    @SerialName("labels")
    public data class Labels(
        val first: Set<String>,
    ) : ClassesSpec {
        override fun prompts(
            example: ContrastSpec,
            index: Int,
            set: String,
            experiment: ExperimentSpec,
        ): List<Pair<PromptSpec, Boolean>> = listOf(example.clean to (example.label in first))
    }
}
