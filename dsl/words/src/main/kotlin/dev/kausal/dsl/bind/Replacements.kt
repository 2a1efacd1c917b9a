package dev.kausal.dsl.bind

import dev.kausal.dsl.declare.Value
import dev.kausal.dsl.host.ScriptPlace
import dev.kausal.dsl.toSpec
import dev.kausal.spec.ValueSpec

/** Returns the data of a replacement; [script] names a function. */
internal fun Binding.value(
    value: Value,
    script: ScriptPlace?,
): ValueSpec =
    when (value) {
        Value.Zero -> {
            ValueSpec.Zero
        }

        is Value.Mean -> {
            ValueSpec.Mean(value.of?.let { this.setOf(it).name })
        }

        is Value.PositionMean -> {
            ValueSpec.PositionMean(value.of?.let { this.setOf(it).name })
        }

        is Value.Resample -> {
            ValueSpec.Resample(value.seed ?: seed)
        }

        is Value.From -> {
            ValueSpec.From(value.run.toSpec(seed))
        }

        Value.Own, is Value.Given, is Value.ProjectedOut, is Value.Feature -> {
            error("a cell knows the run and the site that it edits")
        }

        is Value.Function -> {
            ValueSpec.Lambda(
                activations.index(value.source, value.function),
                script?.toString() ?: "a function",
            )
        }
    }
