package dev.kausal.dsl

/**
 * Declares an experiment.
 *
 * @param name the experiment's name, also the default name of the bundle's folder
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
 * The words of an experiment. They record and compute nothing: the script is evaluated before any model is known, and
 * the blocks given to `each`, `hook` and `metric` run later.
 */
@KausalDsl
public class ExperimentScope internal constructor(
    private val recorder: Recorder,
) {
    /**
     * The experiment's model, of kind [M]: a capability such as [CausalLm], or an architecture such as [Llama].
     *
     * @param ref `embedded:NAME`, `hf:org/name@revision`, a folder, a `.gguf` file or a name of the catalog
     * @param kind leave it out: the empty array carries [M] here without inlining, which would blur line numbers
     */
    public fun <M : Capability> model(
        ref: String,
        vararg kind: M,
    ): Model<M> = Model<M>(ref, kind.javaClass.componentType, ScriptLines.here()).also { recorder.models += it }

    /** A set of contrasts for a model that predicts next tokens. */
    public fun contrasts(declare: ContrastsScope.() -> Unit): Contrasts<CausalLm> =
        record(Contrasts(nextName(), CausalLm::class.java, items(declare), ScriptLines.line()))

    /** A set of contrasts for [model]. */
    public fun <M : Capability> contrasts(
        model: Model<M>,
        declare: ContrastsScope.() -> Unit,
    ): Contrasts<M> = record(Contrasts(nextName(), model.type, items(declare), ScriptLines.line()))

    /** [metric] for every cell of a grid of interventions. */
    public fun sweep(
        contrasts: Contrasts<*>,
        metric: Metric,
        declare: SweepScope.() -> Unit,
    ): Analysis<SweepHandle> {
        val line = ScriptLines.line()
        val grids = SweepScope().apply(declare).grids.toList()
        return analysis(::SweepHandle) { DeclaredAnalysis.Sweep(it, contrasts, line, metric, grids) }
    }

    /** Each component's share of the logit difference between answer and foil. */
    public fun directLogitAttribution(
        contrasts: Contrasts<CausalLm>,
        run: Run = clean,
    ): Analysis<AttributionHandle> {
        val line = ScriptLines.line()
        return analysis(::AttributionHandle) { DeclaredAnalysis.Attribution(it, contrasts, line, run) }
    }

    /** Attention patterns of [layers], all of them if null. */
    public fun attention(
        contrasts: Contrasts<*>,
        layers: IntRange? = null,
        run: Run = clean,
    ): Analysis<AttentionHandle> {
        val line = ScriptLines.line()
        return analysis(::AttentionHandle) { DeclaredAnalysis.Attention(it, contrasts, line, layers, run) }
    }

    /** The [top] likeliest next tokens that the residual stream holds after every layer. */
    public fun logitLens(
        contrasts: Contrasts<CausalLm>,
        top: Int = 5,
        run: Run = clean,
    ): Analysis<LensHandle> {
        val line = ScriptLines.line()
        return analysis(::LensHandle) { DeclaredAnalysis.Lens(it, contrasts, line, top, run) }
    }

    /** The activations at [site], as they are. */
    public fun capture(
        contrasts: Contrasts<*>,
        site: WholeSite,
        run: Run = clean,
    ): Analysis<CaptureHandle> {
        val line = ScriptLines.line()
        return analysis(::CaptureHandle) { DeclaredAnalysis.Capture(it, contrasts, line, site.address, run) }
    }

    /** A whole number that `--set` can change. */
    public fun parameter(default: Int): Parameter<Int> =
        Parameter(default, ParameterType.Int, { it.toIntOrNull() }, recorder)

    /** A number that `--set` can change. */
    public fun parameter(default: Double): Parameter<Double> =
        Parameter(default, ParameterType.Double, { it.toDoubleOrNull() }, recorder)

    /** A text that `--set` can change. */
    public fun parameter(default: String): Parameter<String> = Parameter(default, ParameterType.Text, { it }, recorder)

    /** A switch that `--set` can change, to `true` or `false`. */
    public fun parameter(default: Boolean): Parameter<Boolean> =
        Parameter(default, ParameterType.Boolean, { it.toBooleanStrictOrNull() }, recorder)

    /** Seeds every random choice that has no seed of its own; 0 without it. */
    public fun seed(seed: Long) {
        recorder.seed = seed
    }

    /** The figures of the report, in order. */
    public fun report(declare: ReportScope.() -> Unit) {
        recorder.figures += ReportScope().apply(declare).figures
    }

    private fun nextName(): String =
        if (recorder.contrasts.isEmpty()) "contrasts" else "contrasts-${recorder.contrasts.size + 1}"

    private fun items(declare: ContrastsScope.() -> Unit): List<ContrastItem> =
        ContrastsScope().apply(declare).items.toList()

    private fun <M : Capability> record(contrasts: Contrasts<M>): Contrasts<M> =
        contrasts.also { recorder.contrasts += it }

    private fun <H : ResultHandle> analysis(
        handle: (String) -> H,
        declared: (String) -> DeclaredAnalysis,
    ): Analysis<H> =
        Analysis { name ->
            recorder.analyses += declared(name)
            handle(name)
        }
}
