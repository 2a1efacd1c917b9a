package dev.kausal.dsl

import ai.djl.ndarray.NDArray
import dev.kausal.dsl.declare.AnswersRead
import dev.kausal.spec.Average
import dev.kausal.spec.MetricSpec

/** What a sweep measures in each edited run. */
public sealed class Metric

/** A metric in its own units, which [recovery] can normalise. */
public sealed class PlainMetric : Metric()

internal val Metric.answersRead: AnswersRead
    get() =
        when (this) {
            is RecoveryMetric -> of.answersRead
            is LikelihoodMetric -> AnswersRead.Whole
            is BuiltInMetric -> if (needsAnswer) AnswersRead.OneToken else AnswersRead.None
            is NamedMetric -> AnswersRead.OneToken
        }

internal class BuiltInMetric(
    val spec: MetricSpec,
    val needsAnswer: Boolean = true,
    val needsFoil: Boolean = false,
) : PlainMetric()

/** A log-likelihood of continuations, of one token or several. */
public class LikelihoodMetric internal constructor(
    internal val spec: MetricSpec.Likelihood,
) : PlainMetric()

internal class NamedMetric(
    val name: String,
    val at: Place?,
    val function: MeasuredRun.(NDArray) -> Double,
) : PlainMetric()

internal class RecoveryMetric(
    val of: PlainMetric,
    val average: Average,
) : Metric()

/** Logit of the answer minus logit of the foil; over several answers or foils, the difference of their means. */
public val logitDifference: PlainMetric = BuiltInMetric(MetricSpec.LogitDifference, needsFoil = true)

/** Logit of the answer; over several, the mean. */
public val logit: PlainMetric = BuiltInMetric(MetricSpec.Logit)

/** 1 if the largest logit among answers and foils is an answer's, else 0: its mean is the share of right answers. */
public val accuracy: PlainMetric = BuiltInMetric(MetricSpec.Accuracy, needsFoil = true)

/** Probability of the answer; of several, that any of them is next. */
public val probability: PlainMetric = BuiltInMetric(MetricSpec.Probability)

/** Natural logarithm of the answer's [probability]. */
public val logProbability: PlainMetric = BuiltInMetric(MetricSpec.LogProbability)

/** Probability of any of the answers minus that of any of the foils, as for "greater than" (Hanna et al. 2023). */
public val probabilityDifference: PlainMetric = BuiltInMetric(MetricSpec.ProbabilityDifference, needsFoil = true)

/**
 * Natural logarithm of the probability that the prompt continues with the answer, which may have several tokens: the sum
 * over its tokens, each given those before it. Of several answers, that of any of them.
 */
public val logLikelihood: LikelihoodMetric = LikelihoodMetric(MetricSpec.LogLikelihood())

/** The answer's [logLikelihood] minus the foil's. Longer continuations are less likely: see [perToken]. */
public val logLikelihoodDifference: LikelihoodMetric = LikelihoodMetric(MetricSpec.LogLikelihoodDifference())

/**
 * Divides each log-likelihood by its number of tokens, so that continuations of different lengths compare; of several
 * answers, the mean.
 */
public fun perToken(of: LikelihoodMetric): LikelihoodMetric =
    LikelihoodMetric(
        when (of.spec) {
            is MetricSpec.LogLikelihood -> MetricSpec.LogLikelihood(perToken = true)
            is MetricSpec.LogLikelihoodDifference -> MetricSpec.LogLikelihoodDifference(perToken = true)
        },
    )

/** KL divergence, in nats, of the edited run's output distribution from the clean run's. */
public val kl: PlainMetric = BuiltInMetric(MetricSpec.Kl, needsAnswer = false)

/** Mean next-token cross-entropy over the prompt, in nats; for causal language models. */
public val loss: PlainMetric = BuiltInMetric(MetricSpec.Loss, needsAnswer = false)

/**
 * Normalises [of] so that 0 is the corrupted (or noised) run and 1 the clean run.
 *
 * @param average how examples are averaged
 */
public fun recovery(
    of: PlainMetric,
    average: Average = Average.RatioOfMeans,
): Metric = RecoveryMetric(of, average)

/** Recovery of the mean: mean change divided by the mean difference of clean and corrupted runs. */
public val ratioOfMeans: Average = Average.RatioOfMeans

/** Mean of recoveries: an example whose runs hardly differ counts as much as the others. */
public val meanOfRatios: Average = Average.MeanOfRatios

/**
 * Defines a metric called [name], computed from the logits at the last position or the mask, or from the class logits.
 * The function's receiver, a [MeasuredRun], provides the answer and other facts: `metric("own") { logits ->
 * logits[answer] }`.
 */
public fun metric(
    name: String,
    of: MeasuredRun.(NDArray) -> Double,
): PlainMetric = NamedMetric(name, null, of)

/**
 * Defines a metric of the logits [position, vocabulary] at the positions [at], such as `subjectLast`, `Position(3)` or
 * [everyPosition]. Only their rows are computed.
 */
public fun metric(
    name: String,
    at: Place,
    of: MeasuredRun.(NDArray) -> Double,
): PlainMetric = NamedMetric(name, at, of)
