package dev.kausal.reports.words

import dev.kausal.spec.Average
import dev.kausal.spec.MetricSpec
import dev.kausal.statistics.Ratios

/** What is measured, for the method section; [floor] is the run that a recovery of 0 stands for. */
internal fun metric(
    metric: MetricSpec,
    floor: String,
): String =
    when (metric) {
        MetricSpec.LogitDifference -> {
            "the logit difference: the answer's logit minus the foil's, at the last position"
        }

        MetricSpec.Logit -> {
            "the answer's logit at the last position"
        }

        MetricSpec.Accuracy -> {
            "accuracy: 1 where the answer's logit is above the foil's at the last position, else 0"
        }

        MetricSpec.Probability -> {
            "the answer's probability at the last position"
        }

        MetricSpec.LogProbability -> {
            "the answer's log probability at the last position"
        }

        MetricSpec.Kl -> {
            "the KL divergence, in nats, of the edited run's next-token distribution from the clean run's"
        }

        MetricSpec.Loss -> {
            "the mean next-token cross-entropy over the prompt, in nats"
        }

        is MetricSpec.Recovery -> {
            "recovery, (edited \u2212 $floor) / (clean \u2212 $floor), of ${metric(metric.of, floor)}; " +
                averageWords(metric.average, floor)
        }

        is MetricSpec.Named -> {
            "${metric.name}, a function written in the script"
        }
    }

private fun averageWords(
    average: Average,
    floor: String,
): String {
    val how =
        when (average) {
            Average.RatioOfMeans -> "over examples, the mean of the numerator divided by the mean of the denominator"
            Average.MeanOfRatios -> "over examples, the mean of each one's ratio"
        }
    return "$how; without the examples whose clean \u2212 $floor has another sign than the median or is below " +
        "${number(100 * Ratios.SMALL, 0)} % of the median size"
}
