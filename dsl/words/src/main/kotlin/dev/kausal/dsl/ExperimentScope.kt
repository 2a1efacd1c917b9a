package dev.kausal.dsl

import dev.kausal.dsl.declare.DeclaredAnalysis
import dev.kausal.dsl.declare.ExperimentDeclaration
import dev.kausal.dsl.declare.InputSets
import dev.kausal.dsl.declare.Recorder
import dev.kausal.dsl.host.ScriptContext
import dev.kausal.dsl.host.ScriptLines
import dev.kausal.dsl.mistakes.Mistake
import dev.kausal.dsl.mistakes.ParameterType
import dev.kausal.spec.Correction
import dev.kausal.spec.Grouping
import dev.kausal.spec.InferenceSpec
import dev.kausal.spec.IntervalKind

/**
 * Declares an experiment.
 *
 * @param name name of the experiment, also the default name of the bundle's folder
 */
public fun experiment(
    name: String,
    declare: ExperimentScope.() -> Unit,
): ExperimentDeclaration {
    val recorder = Recorder(ScriptContext.current)
    ExperimentScope(recorder).declare()
    return ExperimentDeclaration(name, recorder)
}

/**
 * The words of an experiment. They only record: the script is evaluated before the model is known, and the blocks of
 * `each`, `hook` and `metric` run later.
 */
@KausalDsl
public class ExperimentScope internal constructor(
    private val recorder: Recorder,
) {
    private val inputs = InputSets(recorder)

    /**
     * Declares the experiment's model, of kind [M]: a capability such as [CausalLm], or an architecture such as
     * [Llama].
     *
     * @param ref `embedded:NAME`, `hf:org/name@revision`, a folder, a `.gguf` file, or a catalog id
     * @param kind omit it: the empty array carries the type [M] at run time without inlining, which would lose line
     *   numbers
     */
    public fun <M : Capability> model(
        ref: String,
        vararg kind: M,
    ): Model<M> = Model<M>(ref, kind.javaClass.componentType, ScriptLines.here()).also { recorder.models += it }

    /** Declares contrasts for a model that predicts next tokens. */
    public fun contrasts(declare: ContrastsScope.() -> Unit): Contrasts<CausalLm> =
        inputs.contrasts(CausalLm::class.java, ContrastsScope().apply(declare).items)

    /** Declares contrasts for [model]. */
    public fun <M : CausalLm> contrasts(
        model: Model<M>,
        declare: ContrastsScope.() -> Unit,
    ): Contrasts<M> = inputs.contrasts(model.type, ContrastsScope().apply(declare).items)

    /** Declares contrasts for [model], which sees all positions: prompts or pairs of sentences. */
    @JvmName("encoderContrasts")
    public fun <M> contrasts(
        model: Model<M>,
        declare: EncoderContrastsScope.() -> Unit,
    ): Contrasts<M> where M : TextEncoder, M : Predicts =
        inputs.contrasts(model.type, EncoderContrastsScope().apply(declare).items)

    /** Declares contrasts between images for [model]. */
    @JvmName("imageContrasts")
    public fun <M> contrasts(
        model: Model<M>,
        declare: ImageContrastsScope.() -> Unit,
    ): Contrasts<M> where M : ImageModel, M : Predicts =
        inputs.contrasts(model.type, ImageContrastsScope().apply(declare).items)

    /** Declares prompts without answers for a model that predicts next tokens. */
    public fun prompts(declare: PromptsScope.() -> Unit): Inputs<CausalLm> =
        inputs.prompts(CausalLm::class.java, PromptsScope().apply(declare).items)

    /** Declares prompts without answers for [model]. */
    public fun <M : CausalLm> prompts(
        model: Model<M>,
        declare: PromptsScope.() -> Unit,
    ): Inputs<M> = inputs.prompts(model.type, PromptsScope().apply(declare).items)

    /** Declares prompts and pairs of sentences without answers for [model], which sees all positions. */
    @JvmName("encoderPrompts")
    public fun <M : TextEncoder> prompts(
        model: Model<M>,
        declare: EncoderPromptsScope.() -> Unit,
    ): Inputs<M> = inputs.prompts(model.type, EncoderPromptsScope().apply(declare).items)

    /** Declares images for a model that classifies them. */
    public fun images(declare: ImagesScope.() -> Unit): Inputs<ImageClassifier> =
        inputs.images(ImageClassifier::class.java, ImagesScope().apply(declare).items)

    /** Declares images for [model]. */
    public fun <M : ImageModel> images(
        model: Model<M>,
        declare: ImagesScope.() -> Unit,
    ): Inputs<M> = inputs.images(model.type, ImagesScope().apply(declare).items)

    /**
     * Declares analyses that apply only if [model] is also a [M]: `given<MaskedLm>(lm) { masked -> ... }`. For other
     * models, the analyses and figures of [declare] are omitted, and the report lists them.
     *
     * @param kind omit it, as in [model]
     */
    public fun <M : Capability> given(
        model: Model<*>,
        vararg kind: M,
        declare: (Model<M>) -> Unit,
    ) {
        val type = kind.javaClass.componentType
        val outer = recorder.only
        recorder.only = type
        try {
            declare(Model(model.ref, type, model.place))
        } finally {
            recorder.only = outer
        }
    }

    /**
     * Returns the contrasts that [keep] keeps, decided by the model; results list the dropped ones, with reasons.
     * Analyses of this set use the kept ones. A set has at most one filter.
     */
    public fun <M : Capability> Contrasts<M>.filter(keep: Filter): Contrasts<M> {
        if (filter != null) once("filter")
        return inputs.derived(this, keep, sample)
    }

    /** Filters images or prompts with answers: `images(vit) { classFolders("pictures") }.filter(mistaken())`. */
    @JvmName("filterInputs")
    public fun <M : Capability> Inputs<M>.filter(keep: Filter): Inputs<M> {
        if (filter != null) once("filter")
        return inputs.derived(this, keep)
    }

    /**
     * Returns at most [count] of the contrasts, drawn with the experiment's seed, in their order. Filters apply after
     * the draw, wherever they are written; a set is sampled at most once.
     *
     * @param of draws [count] groups of contrasts that share this, such as [perSubject], and keeps all contrasts of each, so that
     *   several ways of asking a question are drawn together
     */
    public fun <M : Capability> Contrasts<M>.sample(
        count: Int,
        of: Grouping = Grouping.Example,
    ): Contrasts<M> {
        if (sample != null) once("sample")
        if (count < 1) recorder.mistakes += Mistake.BadValue(ScriptLines.line(), "sample", "$count", "1 or more")
        return inputs.derived(this, filter, Sample(count, of))
    }

    private fun once(word: String) {
        recorder.mistakes += Mistake.BadValue(ScriptLines.line(), word, "twice", "used once per set of inputs")
    }

    /**
     * Configures intervals, tests and controls, which are all enabled by default.
     *
     * @param level level of the confidence intervals
     * @param interval method of the intervals
     * @param resamples number of bootstrap draws
     * @param flips random sign assignments of the permutation test
     * @param correction correction for testing many cells
     * @param clusters property that makes examples dependent
     * @param controls whether each sweep includes runs with a known outcome
     * @param smallest smallest effect of interest, as a share of the mean difference of clean and corrupted runs
     */
    public fun inference(
        level: Double = 0.95,
        interval: IntervalKind = IntervalKind.Studentised,
        resamples: Int = 2000,
        flips: Int = 4999,
        correction: Correction = Correction.FamilyWise,
        clusters: Grouping = Grouping.Subject,
        controls: Boolean = true,
        smallest: Double = 0.05,
    ) {
        val line = ScriptLines.line()
        if (!(level > 0 && level < 1)) {
            recorder.mistakes += Mistake.BadValue(line, "level", "$level", "between 0 and 1, such as 0.95")
        }
        if (resamples < 1) recorder.mistakes += Mistake.BadValue(line, "resamples", "$resamples", "1 or more")
        if (flips < 1) recorder.mistakes += Mistake.BadValue(line, "flips", "$flips", "1 or more")
        if (!(smallest >= 0 && smallest < 1)) {
            recorder.mistakes += Mistake.BadValue(line, "smallest", "$smallest", "from 0 to below 1, such as 0.05")
        }
        recorder.inference =
            InferenceSpec(level, interval, resamples, flips, correction, clusters, controls, smallest)
    }

    /** Disables intervals, tests and controls: numbers are means of these examples, without claims beyond them. */
    public fun withoutInference() {
        recorder.inference = null
    }

    /** Declares a whole number that `--set` can change; [help] describes it. */
    public fun parameter(
        default: Int,
        help: String = "",
    ): Parameter<Int> = Parameter(default, ParameterType.Int, help, { it.toIntOrNull() }, recorder)

    /** Declares a number that `--set` can change; [help] describes it. */
    public fun parameter(
        default: Double,
        help: String = "",
    ): Parameter<Double> = Parameter(default, ParameterType.Double, help, { it.toDoubleOrNull() }, recorder)

    /** Declares a text that `--set` can change; [help] describes it. */
    public fun parameter(
        default: String,
        help: String = "",
    ): Parameter<String> = Parameter(default, ParameterType.Text, help, { it }, recorder)

    /** Declares a switch that `--set` can change, to `true` or `false`; [help] describes it. */
    public fun parameter(
        default: Boolean,
        help: String = "",
    ): Parameter<Boolean> = Parameter(default, ParameterType.Boolean, help, { it.toBooleanStrictOrNull() }, recorder)

    /** Sets the seed of every random choice without its own; 0 by default. */
    public fun seed(seed: Long) {
        recorder.seed = seed
    }

    /** Declares the figures of the report, in order. */
    public fun report(declare: ReportScope.() -> Unit) {
        val report = ReportScope().apply(declare)
        recorder.figures += report.figures.map { recorder.noted(it) }
        recorder.findings += report.findings
    }

    /** Returns the inputs of the first of the analyses called [names]. */
    internal fun inputsOf(names: List<String>): Inputs<*> =
        recorder.analyses.firstOrNull { it.name == names.firstOrNull() }?.inputs ?: recorder.inputs.first()

    /** Returns the inputs of the first declared of the analyses called [names]. */
    internal fun inputsOfFirst(names: List<String>): Inputs<*> = recorder.analyses.first { it.name in names }.inputs

    internal fun declared(token: Token): Token = recorder.noted(token).also { recorder.tokens += it }

    internal fun <H : ResultHandle> analysis(
        handle: (String) -> H,
        declared: (String) -> DeclaredAnalysis,
    ): Analysis<H> =
        Analysis { name ->
            recorder.analyses += recorder.noted(declared(name))
            handle(name)
        }
}
