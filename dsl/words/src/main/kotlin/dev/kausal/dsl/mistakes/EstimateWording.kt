package dev.kausal.dsl.mistakes

/** Messages of mistakes in estimates. */
internal object EstimateWording {
    fun of(it: EstimateMistake): String =
        when (it) {
            is EstimateMistake.NoGradient -> {
                val why = if (it.ofScript) "is a function of the script" else "is a step, 0 or 1"
                val exactly =
                    if (it.ofEdges) "use by = exact to run each edge" else "leave out by = to compute the sweep"
                "the metric ${it.metric} has no gradient, as it $why; estimate logitDifference, logit or another " +
                    "built-in metric, or $exactly"
            }

            is EstimateMistake.FlatMetric -> {
                "${it.metric} of the clean run is 0, the least that it can be, so its gradient there is 0 and every " +
                    "edit would be estimated to change nothing; use by = integratedGradients(5), or another metric"
            }

            is EstimateMistake.PathLengths -> {
                val more = if (it.others ==
                    0
                ) {
                    ""
                } else {
                    ", and ${Wording.count(it.others, "more differs", "more differ")}"
                }
                "integratedGradients needs equally many tokens in both runs, but the edited run of " +
                    "${Wording.quote(it.contrast)} has ${it.to} and the other one ${it.from}$more; use prompts of " +
                    "one length, or by = gradient"
            }

            is EstimateMistake.NoSign -> {
                val instead = it.instead?.let { other -> "use $other, or " }.orEmpty()
                "estimates with writes = dropped are sizes without a sign, but ${it.needs}; ${instead}leave " +
                    "writes = dropped out"
            }

            is EstimateMistake.ExactOfExact -> {
                "exact = top(...) computes some cells of an estimate, but this sweep computes all of them; add " +
                    "by = gradient, or leave it out"
            }
        }
}
