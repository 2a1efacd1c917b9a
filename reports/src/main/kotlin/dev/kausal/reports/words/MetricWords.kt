package dev.kausal.reports.words

import dev.kausal.spec.Measure
import dev.kausal.spec.MetricSpec

/** Returns the name of a measure in legends, on axes and in running text. */
internal fun metricWords(measure: Measure): String =
    when (measure) {
        is Measure.Of -> metricWords(measure.metric)
        is Measure.ChangeOf -> "change of " + metricWords(measure.metric)
        is Measure.SizeOf -> "size of change of " + metricWords(measure.metric)
        is Measure.DifferenceOf -> "difference of effects on the " + metricWords(measure.of)
        is Measure.Quantity -> measure.text
    }

/** Returns the name of a metric in running text. */
internal fun metricWords(metric: MetricSpec): String =
    when (metric) {
        is MetricSpec.Recovery -> "recovered " + metricWords(metric.of)
        MetricSpec.LogitDifference -> "logit difference"
        MetricSpec.LogProbability -> "log probability"
        is MetricSpec.LogLikelihood -> "log-likelihood" + perToken(metric)
        is MetricSpec.LogLikelihoodDifference -> "log-likelihood difference" + perToken(metric)
        MetricSpec.ProbabilityDifference -> "probability difference"
        MetricSpec.Kl -> "KL divergence (nats)"
        MetricSpec.Loss -> "loss (nats)"
        MetricSpec.Logit, MetricSpec.Accuracy, MetricSpec.Probability, is MetricSpec.Named -> metric.text
    }

private fun perToken(metric: MetricSpec.Likelihood): String = if (metric.perToken) " per token" else ""
