package dev.kausal.dsl.bind

import dev.kausal.dsl.Address
import dev.kausal.dsl.Example
import dev.kausal.dsl.Vector
import dev.kausal.dsl.VectorSource
import dev.kausal.dsl.declare.Edit
import dev.kausal.dsl.mistakes.EditMistake
import dev.kausal.spec.ContrastSetSpec
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
            fits(line, edit.site, vector.source, spec)
        }
        return number(vector, spec)
    }

    /** Returns the numbers of [vectors], whose span [edit] removes or exchanges at its site. */
    fun span(
        edit: Edit,
        vectors: List<Vector>,
    ): List<Int> {
        val line = edit.script?.line
        if (vectors.isEmpty()) binding.bad(line, "along", "no vector", "one or more")
        if (vectors.any { it.source is VectorSource.Random }) {
            binding.bad(
                line,
                "along",
                "randomVector, which has no fixed length of numbers",
                "a direction's random(seed)",
            )
            return emptyList()
        }
        return vectors.map { index(edit, it) }
    }

    private fun number(
        vector: Vector,
        spec: VectorSpec,
    ): Int {
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

            is VectorSource.Fitted -> {
                binding.fitted(line, source)
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
        source: VectorSource,
        spec: VectorSpec,
    ) {
        val units = binding.units(site) ?: return
        val wrong =
            when (spec) {
                is VectorSpec.Same -> listOf(null to spec.values.size)

                is VectorSpec.ByExample -> spec.values.map { (label, values) -> label to values.size }

                is VectorSpec.Fitted -> listOf(
                    null to (binding.units((source as VectorSource.Fitted).address) ?: return),
                )

                is VectorSpec.Random, is VectorSpec.HeldOut -> emptyList()
            }.firstOrNull { it.second != units } ?: return
        binding.mistakes += EditMistake.VectorSize(line, site.text, units, wrong.second, wrong.first)
    }
}
