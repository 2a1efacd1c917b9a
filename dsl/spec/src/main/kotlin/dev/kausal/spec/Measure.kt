package dev.kausal.spec

/** What the numbers of a result measure. [text] is its form in `results.json`. */
public sealed interface Measure {
    public val text: String

    /** Possible values of the numbers. */
    public val range: ValueRange get() = ValueRange.ANY

    /** A metric of runs. */
    public data class Of(
        val metric: MetricSpec,
    ) : Measure {
        override val text: String get() = metric.text
        override val range: ValueRange get() = metric.range
    }

    /** The change of a metric from the unedited run. */
    public data class ChangeOf(
        val metric: MetricSpec,
    ) : Measure {
        override val text: String get() = "change of ${metric.text}"
    }

    /** The size of the change of a metric from the unedited run, which has no sign. */
    public data class SizeOf(
        val metric: MetricSpec,
    ) : Measure {
        override val text: String get() = "size of change of ${metric.text}"
        override val range: ValueRange get() = ValueRange.NOT_NEGATIVE
    }

    /** The difference of two results that measure [of]. */
    public data class DifferenceOf(
        val of: Measure,
    ) : Measure {
        override val text: String get() = "difference of ${of.text}"
    }

    /** Anything else, such as `attention entropy (nats)`. */
    public data class Quantity(
        override val text: String,
        override val range: ValueRange = ValueRange.ANY,
    ) : Measure

    public companion object {
        private val plain =
            listOf(
                MetricSpec.LogitDifference,
                MetricSpec.Logit,
                MetricSpec.Accuracy,
                MetricSpec.Probability,
                MetricSpec.LogProbability,
                MetricSpec.ProbabilityDifference,
                MetricSpec.LogLikelihood(),
                MetricSpec.LogLikelihood(perToken = true),
                MetricSpec.LogLikelihoodDifference(),
                MetricSpec.LogLikelihoodDifference(perToken = true),
                MetricSpec.Kl,
                MetricSpec.Loss,
            ).associateBy { it.text }

        /** Returns the plain metric with this text; if there is none, a quantity with values in [range]. */
        public fun named(
            text: String,
            range: ValueRange = ValueRange.ANY,
        ): Measure = plain[text]?.let(::Of) ?: Quantity(text, range)
    }
}

/** Returns what [result] measures, by its analysis or else by its text. */
public fun ExperimentSpec.measure(result: Result): Measure =
    analyses.find { it.name == result.name }?.measure(this) ?: Measure.named(result.metric, result.kind.range)
