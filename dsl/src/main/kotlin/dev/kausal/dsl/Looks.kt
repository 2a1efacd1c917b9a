package dev.kausal.dsl

import dev.kausal.spec.AttentionAnalysisSpec
import dev.kausal.spec.AttentionFlowSpec
import dev.kausal.spec.AttentionMapsSpec
import dev.kausal.spec.AttentionMeasure
import dev.kausal.spec.AttentionMeasureSpec
import dev.kausal.spec.ContrastSetSpec
import dev.kausal.spec.DebugPredictionSpec
import dev.kausal.spec.GradientAttentionSpec
import dev.kausal.spec.MapAgreementSpec
import dev.kausal.spec.RolloutSpec
import dev.kausal.spec.SpecialisationSpec

/** What a script asks of attention patterns. */
internal sealed interface Looks {
    class Measure(
        val measure: AttentionMeasure,
    ) : Looks

    class Maps(
        val heads: List<Int>?,
        val from: Place?,
        val meanOverHeads: Boolean,
    ) : Looks

    class Rollout(
        val fusion: HeadFusion,
        val discard: Double,
        val residual: Boolean,
    ) : Looks

    class Flow(
        val to: Place?,
    ) : Looks

    class Specialisation(
        val clusters: Int,
    ) : Looks

    class Gradient(
        val of: Output,
    ) : Looks
}

/** Makes specs of what a script asks of attention patterns. */
internal class LooksBinder(
    private val binding: Binding,
    private val attention: AttentionBinder,
) {
    private val mistakes = binding.mistakes

    fun bind(
        declared: DeclaredAnalysis.OfAttention,
        set: ContrastSetSpec,
    ): AttentionAnalysisSpec {
        val (name, line) = declared.name to declared.line
        val layers = attention.layers(line, declared.layers)
        return when (val what = declared.what) {
            is Looks.Measure -> {
                measurable(line, what.measure, set)
                AttentionMeasureSpec(name, set.name, line, layers, what.measure)
            }

            is Looks.Maps -> {
                place(line, what.from, set)
                val heads = what.heads?.let { attention.heads(line, layers, it) }
                AttentionMapsSpec(name, set.name, line, layers, heads, what.from?.toSpec(), what.meanOverHeads)
            }

            is Looks.Rollout -> {
                consecutive(line, layers)
                if (what.discard < 0 || what.discard >= 1) {
                    mistakes += Mistake.BadValue(line, "discard", "${what.discard}", "from 0 to below 1")
                }
                RolloutSpec(name, set.name, line, layers, what.fusion, what.discard, what.residual)
            }

            is Looks.Flow -> {
                consecutive(line, layers)
                place(line, what.to, set)
                AttentionFlowSpec(name, set.name, line, layers, (what.to ?: Position(0)).toSpec())
            }

            is Looks.Specialisation -> {
                val heads = layers.size * binding.facts.shape.heads
                if (what.clusters !in 1..heads) {
                    val expected = "1 to the number of heads, $heads"
                    mistakes += Mistake.BadValue(line, "clusters", "${what.clusters}", expected)
                }
                SpecialisationSpec(name, set.name, line, layers, what.clusters)
            }

            is Looks.Gradient -> {
                if (what.of == Output.Answer) Needs(binding).answer(line, "gradientAttention of the answer", set)
                GradientAttentionSpec(name, set.name, line, layers, what.of)
            }
        }
    }

    fun bind(
        declared: DeclaredAnalysis.Debug,
        set: ContrastSetSpec,
    ): DebugPredictionSpec {
        val line = declared.line
        val shape = binding.facts.shape
        val heads = shape.layers * shape.heads
        Needs(binding).answer(line, "debugPrediction", set)
        Needs(binding).severalClasses(line, "debugPrediction")
        if (declared.patches < 1) mistakes += Mistake.BadValue(line, "patches", "${declared.patches}", "1 or more")
        if (declared.heads !in 1..heads) {
            mistakes += Mistake.BadValue(line, "heads", "${declared.heads}", "1 to the number of heads, $heads")
        }
        return DebugPredictionSpec(declared.name, set.name, line, declared.patches, declared.heads, binding.seed)
    }

    /** @param others what the script declares, the maps among it */
    fun bind(
        declared: DeclaredAnalysis.Agreement,
        set: ContrastSetSpec,
        others: List<DeclaredAnalysis>,
    ): MapAgreementSpec {
        val line = declared.line
        if (declared.of.size <
            2
        ) {
            mistakes += Mistake.BadValue(line, "maps to compare", "${declared.of.size}", "2 or more")
        }
        if (binding.facts.images == null) {
            mistakes += Mistake.BadValue(line, "maps to compare", "maps of texts", "maps on the patches of images")
        }
        for (name in declared.of) {
            val inputs = others.find { it.name == name }?.inputs?.name
            if (inputs == set.name) continue
            val found = inputs?.let { "over $it" } ?: "a part of another result"
            mistakes += Mistake.BadValue(line, "the map $name", found, "over ${set.name}, as the first map is")
        }
        return MapAgreementSpec(declared.name, set.name, line, declared.of)
    }

    private fun place(
        line: Int?,
        place: Place?,
        set: ContrastSetSpec,
    ) {
        if (place == null) return
        val prompts = set.contrasts.map { it.clean to it.label }
        if (!Spans(binding).check(line, "attention from $place", place, prompts)) return
        val wide = prompts.firstNotNullOfOrNull { (prompt) -> Spans.find(place, prompt)?.takeIf { it.count() > 1 } }
        if (wide == null) return
        mistakes += Mistake.BadValue(line, "the position", "$place, ${wide.count()} positions", "one position")
    }

    /** Whether every input has what [measure] looks at. */
    private fun measurable(
        line: Int?,
        measure: AttentionMeasure,
        set: ContrastSetSpec,
    ) {
        val prompts = set.contrasts.map { it.clean to it.label }
        val spans = Spans(binding)
        if (measure == AttentionMeasure.ClsShare) spans.check(line, "clsShare", cls, prompts)
        if (measure == AttentionMeasure.SeparatorShare) spans.check(line, "separatorShare", separators, prompts)
    }

    private fun consecutive(
        line: Int?,
        layers: List<Int>,
    ) {
        if (layers.zipWithNext().any { (a, b) -> b != a + 1 }) {
            mistakes += Mistake.BadValue(line, "layers", layers.joinToString(), "layers that follow each other")
        }
    }
}
