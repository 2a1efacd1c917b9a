package dev.kausal.dsl.bind

import ai.djl.ndarray.NDArray
import dev.kausal.dsl.Inputs
import dev.kausal.dsl.MeasuredRun
import dev.kausal.dsl.NoisedRun
import dev.kausal.dsl.Run
import dev.kausal.dsl.declare.AnswersRead
import dev.kausal.dsl.declare.DeclaredAnalysis
import dev.kausal.dsl.declare.Value
import dev.kausal.dsl.declare.Watcher
import dev.kausal.dsl.mistakes.Mistake
import dev.kausal.dsl.toSpec
import dev.kausal.spec.ContrastSetSpec
import dev.kausal.spec.HookCall
import dev.kausal.spec.InferenceSpec
import dev.kausal.spec.RunSpec
import dev.kausal.spec.TokenSpec
import dev.kausal.spec.VectorSpec
import java.util.IdentityHashMap

/** Functions of the script in the order of first use; the same object has the same index. */
internal class Functions<F : Any> {
    private val indices = IdentityHashMap<Any, Int>()
    private val functions = mutableListOf<F>()

    fun index(function: F): Int = index(function, function)

    /** Returns the index of [function], which stands for [source] of the script. */
    fun index(
        source: Any,
        function: F,
    ): Int = indices.getOrPut(source) { functions.size.also { functions += function } }

    fun toList(): List<F> = functions.toList()
}

/**
 * Shared state of a binding: the model, the mistakes so far and the functions so far.
 *
 * @param analyses all analyses of the script
 * @property inference settings of intervals and tests; null if switched off
 * @property setOf returns a bound set, binding it on first use
 */
internal class Binding(
    val facts: ModelFacts,
    val seed: Long,
    private val analyses: List<DeclaredAnalysis>,
    val inference: InferenceSpec?,
    val setOf: (Inputs<*>) -> ContrastSetSpec,
) {
    val mistakes = LinkedHashSet<Mistake>()
    val activations = Functions<(NDArray, HookCall) -> NDArray>()
    val metrics = Functions<MeasuredRun.(NDArray) -> Double>()
    val watchers = Functions<Watcher>()

    /** Vectors that edits add or write, each with its number. */
    val vectors = LinkedHashMap<VectorSpec, Int>()

    /** Mistakes in answers and foils of several tokens, by their contrast's label, if an analysis needs single tokens. */
    val severalTokens = HashMap<Pair<String, TokenSpec>, LinkedHashSet<Mistake>>()

    /** Names of the sets with an analysis that reads answers of several tokens. */
    val continued = HashSet<String>()

    /** The sets whose subjects define units of noise. */
    val samples = LinkedHashSet<Inputs<*>>()

    /** Returns whether answers of [set] may have several tokens: an analysis reads them whole, and none reads single ones. */
    fun readsWholeAnswers(set: Inputs<*>): Boolean {
        val read = analyses.filter { it.inputs === set }.map { it.answersRead }
        return AnswersRead.Whole in read && AnswersRead.OneToken !in read
    }

    val needs = InputRequirements(this)
    val sites = SiteChecks(this)
    val spans = PositionResolver(this)
    val dictionaries = DictionaryBinder(this)
    val sweeps = SweepBinder(this, needs, sites)

    /** Returns the analysis called [name]; null if there is none, for example because it names a part of a result. */
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

    /** Returns the run that a reading shows, which must be a single one: a noised run has several draws. */
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

    /** Reports a ranking that does not rank heads. */
    fun overHeads(
        line: Int?,
        name: String,
    ) {
        if (declared(name)?.ranksHeads(this) == true) return
        bad(
            line,
            "the ranking $name",
            "a result that is not over heads",
            RANKS_HEADS,
        )
    }

    /** Checks that whole prompts can be resampled: each needs another one of the same length. */
    fun donors(
        line: Int?,
        value: Value,
        run: Run,
        set: ContrastSetSpec,
    ) {
        if (value is Value.Resample) EditChecks(this, needs, set, true).donors(line, null, run)
    }
}

/** The results that rank heads, for mistakes. */
internal const val RANKS_HEADS = "a sweep with each(heads), headDifference, or attentionMeasure of all heads"
