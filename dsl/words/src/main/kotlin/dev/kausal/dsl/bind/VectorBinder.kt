package dev.kausal.dsl.bind

import dev.kausal.dsl.Address
import dev.kausal.dsl.Example
import dev.kausal.dsl.Vector
import dev.kausal.dsl.VectorSource
import dev.kausal.dsl.declare.Edit
import dev.kausal.dsl.mistakes.EditMistake
import dev.kausal.engine.hooks.Axis
import dev.kausal.spec.ContrastSetSpec
import dev.kausal.spec.PartSpec
import dev.kausal.spec.VectorSpec
import java.util.IdentityHashMap

/** Numbers the vectors that the sweeps over one set write, and checks that they fit. */
internal class VectorBinder(
    private val binding: Binding,
    private val set: ContrastSetSpec,
) {
    private val numbers = IdentityHashMap<Vector, Int>()
    private val specs = IdentityHashMap<Vector, VectorSpec>()

    /** Returns the number of [vector] among the experiment's, which [edit] writes at its site. */
    fun index(
        edit: Edit,
        vector: Vector,
    ): Int {
        val line = edit.script?.line
        val spec = specs.getOrPut(vector) { spec(line, vector.source) }
        if (edit.site.kind.attention()) {
            val why = "attention scores and patterns take no vector; use hook"
            binding.mistakes += EditMistake.CannotEdit(line, edit.site.hook, why)
        } else {
            fits(line, edit.site, spec)
        }
        // A spec's hash is of all its numbers, and a grid has a cell for each site.
        return numbers.getOrPut(vector) { binding.vectors.getOrPut(spec) { binding.vectors.size } }
    }

    private fun spec(
        line: Int?,
        source: VectorSource,
    ): VectorSpec =
        when (source) {
            is VectorSource.Given -> {
                VectorSpec.Same(finite(line, null, source.values))
            }

            is VectorSource.ByExample -> {
                VectorSpec.ByExample(byExample(line, source))
            }

            is VectorSource.Random -> {
                val norm = source.norm
                if (!(norm > 0 && norm < Double.POSITIVE_INFINITY)) binding.bad(line, "norm", "$norm", "above 0")
                VectorSpec.Random(norm, source.seed ?: binding.seed)
            }
        }

    private fun byExample(
        line: Int?,
        source: VectorSource.ByExample,
    ): Map<String, List<Float>> {
        val twice = set.contrasts.groupBy { it.label }.filterValues { it.size > 1 }.keys
        twice.forEach {
            binding.bad(
                line,
                "the label of an example",
                "\"$it\" for several",
                "unique, as it names the example's vector",
            )
        }
        return set.contrasts
            .mapNotNull { contrast ->
                val values = binding.mistakes.calling(line, "the function given to vector") {
                    source.of(Example(contrast))
                }
                values?.let { contrast.label to finite(line, contrast.label, it) }
            }.toMap()
    }

    private fun finite(
        line: Int?,
        example: String?,
        values: FloatArray,
    ): List<Float> {
        val bad = values.indices.firstOrNull { !values[it].isFinite() }
        if (bad != null) {
            val of = example?.let { " for \"$it\"" }.orEmpty()
            binding.bad(line, "number $bad of the vector$of", "${values[bad]}", "finite")
        }
        return values.toList()
    }

    private fun fits(
        line: Int?,
        site: Address,
        spec: VectorSpec,
    ) {
        val units = units(site) ?: return
        val wrong =
            when (spec) {
                is VectorSpec.Same -> listOf(null to spec.values.size)
                is VectorSpec.ByExample -> spec.values.map { (label, values) -> label to values.size }
                is VectorSpec.Random -> emptyList()
            }.firstOrNull { it.second != units } ?: return
        binding.mistakes += EditMistake.VectorSize(line, site.text, units, wrong.second, wrong.first)
    }

    /**
     * Returns the number of units at each position of the site; null if the model has no such site, which is reported
     * elsewhere.
     */
    private fun units(site: Address): Int? {
        val axes = (binding.facts.point(site.hook)?.axes() ?: site.kind.axes()).drop(1)
        if (!binding.facts.hasHook(site.hook)) return null
        return when (site.part) {
            PartSpec.All -> axes
            is PartSpec.Head -> axes.filterNot(Axis::heads)
            is PartSpec.Neuron -> emptyList()
        }.fold(1) { product, axis -> product * binding.facts.sizeOf(axis) }
    }
}
