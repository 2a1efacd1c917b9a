package dev.kausal.spec

import kotlinx.serialization.SerialName
import kotlinx.serialization.Serializable
import kotlin.math.exp
import kotlin.math.ln

/**
 * A metric of the logits at the position that is read: the last one, the mask, or the classes. [Loss] reads every
 * position, [Likelihood] those that predict a continuation, and [Named] those that the script names.
 */
@Serializable
public sealed interface MetricSpec {
    /** Form in results and reports, such as `recovery(logitDifference)`. */
    public val text: String

    /** Whether it calls a function of the script. */
    public val callsScript: Boolean get() = plain is Named

    /** The metric before normalisation. */
    public val plain: MetricSpec get() = this

    /** Possible values. */
    public val range: ValueRange get() = ValueRange.ANY

    /** The answers' mean logit minus the foils'. */
    @Serializable
    @SerialName("logitDifference")
    public data object LogitDifference : MetricSpec {
        override val text: String get() = "logitDifference"
    }

    @Serializable
    @SerialName("logit")
    public data object Logit : MetricSpec {
        override val text: String get() = "logit"
    }

    /** 1 if the largest logit of answers and foils is an answer's, else 0: its mean is a share of examples. */
    @Serializable
    @SerialName("accuracy")
    public data object Accuracy : MetricSpec {
        override val text: String get() = "accuracy"
        override val range: ValueRange get() = ValueRange.SHARE
    }

    @Serializable
    @SerialName("probability")
    public data object Probability : MetricSpec {
        override val text: String get() = "probability"
        override val range: ValueRange get() = ValueRange.SHARE
    }

    @Serializable
    @SerialName("logProbability")
    public data object LogProbability : MetricSpec {
        override val text: String get() = "logProbability"
        override val range: ValueRange get() = ValueRange.NOT_POSITIVE
    }

    /** Probability of any of the answers minus that of any of the foils (Hanna et al. 2023). */
    @Serializable
    @SerialName("probabilityDifference")
    public data object ProbabilityDifference : MetricSpec {
        override val text: String get() = "probabilityDifference"
        override val range: ValueRange get() = ValueRange(-1.0, 1.0)
    }

    /** Log-likelihoods of whole continuations of the prompt, of one token or several. */
    @Serializable
    public sealed interface Likelihood : MetricSpec {
        /** Whether each log-likelihood is divided by its number of tokens. */
        public val perToken: Boolean

        /** Whether that of the foils is subtracted. */
        public val ofFoils: Boolean

        /** Returns the continuations of [contrast] that it reads: the answers, then any foils. */
        public fun continuations(contrast: ContrastSpec): List<List<Int>> =
            (contrast.answers + contrast.foils.filter { ofFoils }).map { it.ids }

        /** Returns its value from the log-likelihoods of [continuations], in that order. */
        public fun value(
            contrast: ContrastSpec,
            logLikelihoods: List<Double>,
        ): Double {
            val each = logLikelihoods.zip(continuations(contrast)) { sum, ids -> if (perToken) sum / ids.size else sum }
            val answers = contrast.answers.size
            return of(each.take(answers)) - if (ofFoils) of(each.drop(answers)) else 0.0
        }

        /** Returns the logarithm of the probability of any of several; of means per token, their mean. */
        private fun of(each: List<Double>): Double {
            if (perToken || each.size == 1) return each.average()
            val largest = each.max()
            return if (largest.isInfinite()) largest else largest + ln(each.sumOf { exp(it - largest) })
        }
    }

    /** Natural logarithm of the probability that the prompt continues with the answer, all of its tokens. */
    @Serializable
    @SerialName("logLikelihood")
    public data class LogLikelihood(
        override val perToken: Boolean = false,
    ) : Likelihood {
        override val text: String get() = if (perToken) "logLikelihoodPerToken" else "logLikelihood"
        override val range: ValueRange get() = ValueRange.NOT_POSITIVE
        override val ofFoils: Boolean get() = false
    }

    /** The answer's log-likelihood minus the foil's. */
    @Serializable
    @SerialName("logLikelihoodDifference")
    public data class LogLikelihoodDifference(
        override val perToken: Boolean = false,
    ) : Likelihood {
        override val text: String
            get() = if (perToken) "logLikelihoodDifferencePerToken" else "logLikelihoodDifference"
        override val ofFoils: Boolean get() = true
    }

    /** KL divergence, in nats, of the edited run's next-token distribution from the clean run's. */
    @Serializable
    @SerialName("kl")
    public data object Kl : MetricSpec {
        override val text: String get() = "kl"
        override val range: ValueRange get() = ValueRange.NOT_NEGATIVE
    }

    /** Mean next-token cross-entropy over the prompt, in nats. */
    @Serializable
    @SerialName("loss")
    public data object Loss : MetricSpec {
        override val text: String get() = "loss"
        override val range: ValueRange get() = ValueRange.NOT_NEGATIVE
    }

    /**
     * (edited − corrupted) / (clean − corrupted) of [of]: 0 is the corrupted run, 1 the clean run.
     *
     * @property average how examples are averaged
     */
    @Serializable
    @SerialName("recovery")
    public data class Recovery(
        val of: MetricSpec,
        val average: Average = Average.RatioOfMeans,
    ) : MetricSpec {
        override val text: String get() = "recovery(${of.text})"
        override val plain: MetricSpec get() = of
    }

    /**
     * A function of logits, written in the script.
     *
     * @property at positions whose logits it receives; null for the position that is read
     */
    @Serializable
    @SerialName("lambda")
    public data class Named(
        val name: String,
        val index: Int,
        val at: PlaceSpec? = null,
    ) : MetricSpec {
        override val text: String get() = name
    }
}

/** How the ratios of several examples are averaged. */
@Serializable
public enum class Average {
    /** Mean change divided by mean difference: an example with a small difference has little weight. */
    @SerialName("ratioOfMeans")
    RatioOfMeans,

    /**
     * Mean of each example's own ratio: all examples have equal weight, and those with a small difference vary most.
     */
    @SerialName("meanOfRatios")
    MeanOfRatios,
}
