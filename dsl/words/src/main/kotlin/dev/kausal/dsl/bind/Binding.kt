package dev.kausal.dsl.bind

import ai.djl.ndarray.NDArray
import dev.kausal.dsl.Inputs
import dev.kausal.dsl.MeasuredRun
import dev.kausal.dsl.NoisedRun
import dev.kausal.dsl.Run
import dev.kausal.dsl.declare.DeclaredAnalysis
import dev.kausal.dsl.declare.Value
import dev.kausal.dsl.declare.Watcher
import dev.kausal.dsl.mistakes.Mistake
import dev.kausal.dsl.toSpec
import dev.kausal.spec.ContrastSetSpec
import dev.kausal.spec.HookCall
import dev.kausal.spec.RunSpec
import dev.kausal.spec.VectorSpec
import java.util.IdentityHashMap

/** Functions of the script in the order of their first use; the same object has the same index. */
internal class Functions<F : Any> {
    private val indices = IdentityHashMap<Any, Int>()
    private val functions = mutableListOf<F>()

    fun index(function: F): Int = index(function, function)

    /** The index of [function], which stands for [source] of the script. */
    fun index(
        source: Any,
        function: F,
    ): Int = indices.getOrPut(source) { functions.size.also { functions += function } }

    fun toList(): List<F> = functions.toList()
}

/**
 * What the parts of a binding share: the model, the mistakes so far and the functions met so far.
 *
 * @param analyses all that the script declares
 * @param setOf binds a set, or returns it if it is bound
 */
internal class Binding(
    val facts: ModelFacts,
    val seed: Long,
    private val analyses: List<DeclaredAnalysis>,
    private val setOf: (Inputs<*>) -> ContrastSetSpec?,
) {
    val mistakes = LinkedHashSet<Mistake>()
    val activations = Functions<(NDArray, HookCall) -> NDArray>()
    val metrics = Functions<MeasuredRun.(NDArray) -> Double>()
    val watchers = Functions<Watcher>()

    /** What edits add or put in place, each with its number. */
    val vectors = LinkedHashMap<VectorSpec, Int>()

    /** The sets that means are taken over, which need not be analysed. */
    private val references = LinkedHashMap<String, ContrastSetSpec?>()

    /** Returns the set [of], whose clean runs a mean is taken over; null if the model cannot read it, which is reported. */
    fun reference(of: Inputs<*>): ContrastSetSpec? = references.getOrPut(of.name) { setOf(of) }

    /** The sets that [reference] has returned. */
    val referenced: List<ContrastSetSpec> get() = references.values.filterNotNull()

    /** The sets whose subjects noise is measured in. */
    val samples = LinkedHashSet<Inputs<*>>()

    val needs = Needs(this)
    val sites = SiteChecks(this)
    val spans = Spans(this)
    val sweeps = SweepBinder(this, needs, sites)

    /** The analysis called [name]; null if there is none, as of a part of a result. */
    fun declared(name: String): DeclaredAnalysis? = analyses.firstOrNull { it.name == name }

    /** Reports that [name] should be [expected]. */
    fun bad(
        line: Int?,
        name: String,
        found: String,
        expected: String,
    ) {
        mistakes += Mistake.BadValue(line, name, found, expected)
    }

    /** The run that a reading is of, which shows one run: a noised one is as many as it has draws. */
    fun readRun(
        declared: DeclaredAnalysis,
        run: Run,
        set: ContrastSetSpec,
    ): RunSpec {
        if (run is NoisedRun) {
            val expected = "clean or corrupted; noised runs are for sweeps, and for capture of any site"
            bad(declared.line, "the run of ${declared.name}", "$run", expected)
        } else {
            needs.run(declared.line, declared.name, run, set)
        }
        return run.toSpec(seed)
    }

    /** Reports a ranking that is not of heads. */
    fun overHeads(
        line: Int?,
        name: String,
    ) {
        if (declared(name)?.ranksHeads(this) == true) return
        bad(
            line,
            "the ranking $name",
            "not over heads",
            "a sweep with each(heads), headDifference, or attentionMeasure of all heads",
        )
    }

    /** Whole prompts are resampled, so that each needs another one that is as long. */
    fun donors(
        line: Int?,
        value: Value,
        run: Run,
        set: ContrastSetSpec,
    ) {
        if (value is Value.Resample) EditChecks(this, needs, set, true).donors(line, null, run)
    }
}
