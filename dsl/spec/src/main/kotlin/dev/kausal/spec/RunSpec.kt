package dev.kausal.spec

import kotlinx.serialization.SerialName
import kotlinx.serialization.Serializable

/** A run of a contrast that is read or edited. */
@Serializable
public sealed interface RunSpec {
    /** Name in baselines and reports: `clean`, `corrupted`, `noised` or `edited`. */
    public val label: String

    /** Number of passes: one, or one per draw of noise. */
    public val draws: Int get() = 1

    /** The run that a recovery of 0 corresponds to if this one is edited. */
    public val floor: RunSpec get() = if (this == Clean) Corrupted else this

    /** The run without edits on the same prompt. */
    public val input: RunSpec get() = this

    /** Edits made to [input]. */
    public val changes: List<EditSpec> get() = emptyList()

    @Serializable
    @SerialName("clean")
    public data object Clean : RunSpec {
        override val label: String get() = "clean"
    }

    @Serializable
    @SerialName("corrupted")
    public data object Corrupted : RunSpec {
        override val label: String get() = "corrupted"
    }

    /**
     * The clean prompt with Gaussian noise on a span's embeddings (Meng et al. 2022), averaged over [samples].
     *
     * @property sigmas the noise's standard deviation, in units of [deviation], or if that is null, of the standard
     *   deviation of subjects' embeddings
     * @property of name of the [SubjectsSpec] whose embeddings define the unit; the analysis's own set if null
     * @property ofLabel name of that set in the script
     */
    @Serializable
    @SerialName("noised")
    public data class Noised(
        val span: PlaceSpec,
        val sigmas: Double,
        val samples: Int,
        val seed: Long,
        val of: String? = null,
        val deviation: Double? = null,
        val ofLabel: String? = null,
    ) : RunSpec {
        override val label: String get() = "noised"
        override val draws: Int get() = samples
    }

    /** The run [base], which is not [Edited] itself, with [edits]; only read by patches. */
    @Serializable
    @SerialName("edited")
    public data class Edited(
        val base: RunSpec,
        val edits: List<EditSpec>,
    ) : RunSpec {
        override val label: String get() = "edited"
        override val draws: Int get() = base.draws
        override val input: RunSpec get() = base
        override val changes: List<EditSpec> get() = edits
    }
}

/**
 * A sample of subjects whose embeddings define the unit of noise.
 *
 * @property name name of the set of inputs that they come from
 * @property prompts number of its clean prompts
 * @property tokens ids of the subjects' tokens, one prompt after another; of whole prompts if no subject is marked
 */
@Serializable
public data class SubjectsSpec(
    val name: String,
    val prompts: Int,
    val tokens: List<Int>,
)
