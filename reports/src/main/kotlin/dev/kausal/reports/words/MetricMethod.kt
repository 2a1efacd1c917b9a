package dev.kausal.reports.words

import dev.kausal.spec.Average
import dev.kausal.spec.MetricSpec
import dev.kausal.statistics.Ratios

/** Defines [metric] for the method section; [floor] is the run at which a recovery is 0. */
internal fun metric(
    metric: MetricSpec,
    floor: String,
): String =
    when (metric) {
        MetricSpec.LogitDifference -> {
            "logit difference: the answer's logit minus the foil's"
        }

        MetricSpec.Logit -> {
            "logit of the answer"
        }

        MetricSpec.Accuracy -> {
            "accuracy: 1 if the largest logit of answer and foil is the answer's, else 0"
        }

        MetricSpec.Probability -> {
            "probability of the answer"
        }

        MetricSpec.LogProbability -> {
            "log probability of the answer"
        }

        is MetricSpec.LogLikelihood -> {
            "log-likelihood of the answer: log probability, in nats, that the prompt continues with all of its tokens" +
                length(metric)
        }

        is MetricSpec.LogLikelihoodDifference -> {
            "log-likelihood difference: the answer's log-likelihood, over all of its tokens, minus the foil's" +
                length(metric)
        }

        MetricSpec.ProbabilityDifference -> {
            "probability difference: the answer's probability minus the foil's (Hanna et al. 2023)"
        }

        MetricSpec.Kl -> {
            "KL divergence, in nats, of the edited run's distribution over all outputs from the clean run's"
        }

        MetricSpec.Loss -> {
            "loss: mean next-token cross-entropy over the prompt, in nats"
        }

        is MetricSpec.Recovery -> {
            "recovery, (edited \u2212 $floor) / (clean \u2212 $floor), of the ${metric(metric.of, floor)}; " +
                averageWords(metric.average, floor)
        }

        is MetricSpec.Named -> {
            "${metric.name}, a function written in the script" +
                metric.at?.let { ", of the logits ${at(it)}" }.orEmpty()
        }
    }

private fun length(metric: MetricSpec.Likelihood): String = if (metric.perToken) ", each per token" else ""

private fun averageWords(
    average: Average,
    floor: String,
): String {
    val how =
        when (average) {
            Average.RatioOfMeans -> "averaged as a ratio of means"
            Average.MeanOfRatios -> "averaged as a mean of ratios"
        }
    return "$how, without examples whose clean \u2212 $floor has the opposite sign of the median or less than " +
        "${number(100 * Ratios.SMALL, 0)} % of its size"
}
