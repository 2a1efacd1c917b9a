package dev.kausal.experiments

import dev.kausal.bundle.ArrayFolder
import dev.kausal.bundle.Bundle
import dev.kausal.bundle.BundleFiles
import dev.kausal.dsl.bind.BoundExperiment
import dev.kausal.dsl.bind.SeenImage
import dev.kausal.dsl.declare.DeclaredParameter
import dev.kausal.dsl.declare.ExperimentDeclaration
import dev.kausal.dsl.host.ScriptContext
import dev.kausal.engine.certify.Bounds
import dev.kausal.engine.exec.BatchedExecutor
import dev.kausal.engine.exec.PlainExecutor
import dev.kausal.engine.model.ModelSource
import dev.kausal.engine.source.Catalog
import dev.kausal.engine.source.CudaLibraries
import dev.kausal.engine.source.Devices
import dev.kausal.engine.source.EmbeddedModels
import dev.kausal.engine.source.ModelSources
import dev.kausal.engine.source.Puller
import dev.kausal.engine.source.SourceContext
import dev.kausal.engine.tensor.Device
import dev.kausal.engine.tensor.NvidiaGpu
import dev.kausal.engine.tensor.Precision
import dev.kausal.engine.tensor.Torch
import dev.kausal.experiments.certify.CertificateRecord
import dev.kausal.experiments.certify.Certification
import dev.kausal.experiments.script.ScriptSource
import dev.kausal.experiments.shards.ShardFolder
import dev.kausal.experiments.shards.ShardReport
import dev.kausal.experiments.shards.ShardedExecution
import dev.kausal.experiments.shards.ShardedRun
import dev.kausal.experiments.shards.ShardsException
import dev.kausal.experiments.verify.BundleCheck
import dev.kausal.experiments.verify.ResultsComparison
import dev.kausal.experiments.verify.RunDictionaries
import dev.kausal.experiments.verify.RunWeights
import dev.kausal.experiments.verify.TreeComparison
import dev.kausal.experiments.verify.Verification
import dev.kausal.experiments.watch.EngineKeptRuns
import dev.kausal.experiments.watch.KeptRuns
import dev.kausal.reports.page.ComparisonPage
import dev.kausal.reports.page.ReportPage
import dev.kausal.run.context.Assignment.ShardOf
import dev.kausal.spec.SweepSpec
import dev.kausal.spec.missingBlankText
import java.nio.file.Path

/** The workbench that uses the DSL, the engine and the reports. */
internal class EngineWorkbench : Workbench {
    override fun isExperiment(value: Any): Boolean = value is ExperimentDeclaration

    override fun evaluating(source: ScriptSource, parameters: Map<String, String>, evaluate: () -> Any): Any =
        ScriptContext.use(ScriptContext(source.folder, source.name, parameters, source.text), evaluate)

    override fun parameters(script: EvaluatedScript): List<DeclaredParameter> =
        (script.declaration as ExperimentDeclaration).declaredParameters

    override fun models(): List<ModelLine> {
        val context = SourceContext.ofProcess(true) {}
        val embedded =
            EmbeddedModels.builtIn().all().map {
                ModelLine(it.ref(), "${it.description()} (${it.licence()})", "in the jar")
            }
        return embedded + Catalog.builtIn().entries().map { entry ->
            val cached = Puller(context.downloader()).cached(entry, context.cacheDir())
            val state = cached.map { "on this machine: $it" }.orElse("./kausal pull ${entry.id()}")
            ModelLine(entry.id(), "${entry.description()} (${entry.licence()})", state)
        }
    }

    override fun pull(ref: String, progress: (String) -> Unit) {
        ModelSources.resolve(ref, SourceContext.ofProcess(false) { progress(it) })
    }

    override fun pullCuda(progress: (String) -> Unit): String {
        val folder = CudaLibraries.pull(SourceContext.ofProcess(false) { progress(it) })
        val gpus = NvidiaGpu.list().map { "cuda:${it.index()}  $it" }
        val usable = gpus.ifEmpty { listOf("No GPU here: nvidia-smi, which comes with NVIDIA's driver, lists none.") }
        return (listOf("libraries  $folder") + usable).joinToString("\n")
    }

    override fun certify(
        ref: String,
        reference: Path?,
        precision: Precision,
        bounds: Bounds,
        device: Device,
        progress: (String) -> Unit,
    ): CertificateRecord = Certification.certify(ref, reference, precision, bounds, device, progress)

    override fun explain(script: EvaluatedScript, options: RunOptions): String =
        opened(script, options, {}, computes = false) { source, declaration, ref ->
            val bound = options.precision.applied(bind(declaration, ref, source))
            val config = source.config()
            buildString {
                appendLine("${bound.spec.name} on $ref (${config.family()}, ${config.layers()} layers)")
                source.warnings().forEach { appendLine(it) }
                missingBlankText(bound.spec)?.let { appendLine(it) }
                // Asking the native library for its default would load it, which is not needed otherwise.
                val threads = options.threads ?: Runtime.getRuntime().availableProcessors()
                val placed = MemoryBudget.of(options)
                    .plan(bound, source, threads, precision = options.precision.products)
                val plan = placed.plan
                append(plan.text())
                options.precision.text(placed.besideBytes)?.let { append("\n$it") }
                RunSpace.of(plan, options.out).refusal()?.let { append("\nA run would be refused: ${it.message}") }
            }
        }

    override fun files(script: EvaluatedScript): Set<Path> = (script.declaration as ExperimentDeclaration).files

    override fun run(script: EvaluatedScript, options: RunOptions, progress: RunProgress): Path =
        BundleRun(script, options, progress).run()

    override fun kept(): KeptRuns = EngineKeptRuns()

    override fun shard(
        script: EvaluatedScript,
        options: RunOptions,
        shard: ShardOf,
        progress: RunProgress,
    ): ShardReport = ShardedExecution(script, options, progress).shard(shard)

    override fun sharded(folder: Path): ShardedRun =
        ShardFolder(folder).run() ?: throw ShardsException.notShards(folder)

    override fun merge(script: EvaluatedScript, folders: List<Path>, progress: RunProgress): Path =
        ShardedExecution.merging(script, folders.first(), progress).merge(folders.drop(1))

    override fun report(bundle: Path): Path = BundleFiles.replaceReport(bundle, ReportPage.render(Bundle.read(bundle)))

    override fun compare(bundles: List<Path>, page: Path): Path {
        val named = bundles.map { it.toAbsolutePath().normalize().fileName.toString() to Bundle.read(it) }
        return BundleFiles.replace(page, ComparisonPage.render(named))
    }

    override fun changed(bundle: Path): List<String> =
        BundleCheck.changed(bundle, Bundle.read(bundle, checked = false))

    override fun scriptOf(bundle: Path): BundleScript? {
        val contents = Bundle.read(bundle, checked = false)
        val spec = contents.spec
        val calling = spec.analyses.filter { it.callsScript }.map { it.name }
        if (calling.isEmpty()) return null
        val file = bundle.resolve(spec.script)
        // Uses the text whose hash was checked rather than the file, which may have changed.
        val text = contents.script.replace("\r\n", "\n")
        val source = ScriptSource(spec.script, file.toAbsolutePath().parent, text, file)
        return BundleScript(source, spec.parameters, calling)
    }

    override fun verify(
        bundle: Path,
        script: EvaluatedScript?,
        options: RunOptions,
        progress: RunProgress,
    ): Verification {
        val contents = Bundle.read(bundle, checked = false)
        val changed = BundleCheck.changed(bundle, contents)
        if (changed.isNotEmpty()) return Verification(changed, 0, 0.0)
        val format = contents.environment.dtype
        if (RunPrecision.products(format) == null) {
            return Verification(listOf("environment.json: dtype $format is none that this version computes in"), 0, 0.0)
        }
        val context = SourceContext.ofProcess(options.untrusted) { progress.note(it) }
        Devices.ready(options.device, context)
        val files = RunWeights.of(contents.spec.model, options.model, context)
        val ref = files.ref()
        return ModelSource.open(files.path(), options.device).use { source ->
            val weights = source.sha256()
            if (weights != contents.spec.model.sha256) {
                val run = contents.spec.model.sha256
                val other = "the weights of $ref differ from the run's: SHA-256 $weights, not $run"
                return Verification(listOf(other), 0, 0.0)
            }
            val images = images(ref, source)
            val tokens = source.tokenizer()?.let { BundleCheck.tokens(contents.spec, it) }.orEmpty()
            val seen = images?.let { BundleCheck.images(bundle, contents.spec, it) }.orEmpty()
            again(contents, seen, script, source, ref, progress).verification(tokens)
        }
    }

    /** Reruns [bundle] with its recorded threads and memory, on the [images] that it stores. */
    private fun again(
        bundle: Bundle,
        images: Map<String, SeenImage>,
        script: EvaluatedScript?,
        source: ModelSource,
        ref: String,
        progress: RunProgress,
    ): TreeComparison {
        val environment = bundle.environment
        Torch.threads(environment.threads)
        val declaration = script?.declaration as? ExperimentDeclaration
        val screened = bundle.spec.analyses.any { it is SweepSpec && it.screen != null }
        val asked = if (screened) RunPrecision.Screen else RunPrecision.Float32
        val functions = declaration?.bind(facts(ref, source), bundle.spec.contrasts, bundle.spec.subjects)
            ?.let(asked::applied)
        val activations = functions?.activations.orEmpty()
        val metrics = functions?.metrics.orEmpty()
        val dictionaries = RunDictionaries.of(bundle)
        val watchers = functions?.watchers.orEmpty()
        val bound = BoundExperiment(bundle.spec, activations, metrics, images, watchers, dictionaries)
        val plain = environment.executor == PlainExecutor().name()
        val executor = if (plain) PlainExecutor() else BatchedExecutor(environment.memory.coerceAtLeast(1))
        val precision = checkNotNull(RunPrecision.products(environment.dtype)) { "checked before" }
        val options = RunOptions(device = source.device())
        val placed = MemoryBudget.of(options)
            .plan(bound, source, environment.threads, environment.streamed, precision)
        val record = RunRecorder(options, placed, environment.memory)
        val given = if (functions == null) BundleCheck.resultsOfScript(bundle) else emptyMap()
        return ArrayFolder.temporary().use { arrays ->
            val memory = environment.memory.coerceAtLeast(1)
            val execution = Execution(source, bound, executor, memory, placed, record, progress)
            val results = execution.results(arrays, given = given)
            ResultsComparison(bundle).apply {
                if (functions != null) compareSpec(functions.spec)
                compare(results, given.values.flatMapTo(mutableSetOf()) { of -> of.map { it.name } })
            }.comparison
        }
    }
}
