package dev.kausal.experiments.cluster

import dev.kausal.bundle.ArrayFolder
import dev.kausal.engine.source.ModelSources
import dev.kausal.engine.source.SourceContext
import dev.kausal.engine.tensor.Precision
import dev.kausal.engine.tensor.Torch
import dev.kausal.experiments.AnalysisLines
import dev.kausal.experiments.CacheFolder
import dev.kausal.experiments.EvaluatedScript
import dev.kausal.experiments.Execution
import dev.kausal.experiments.KausalVersion
import dev.kausal.experiments.MemoryBudget.PlacedPlan
import dev.kausal.experiments.RunOptions
import dev.kausal.experiments.RunProgress
import dev.kausal.experiments.script.CompiledScripts
import dev.kausal.run.OpenRun
import dev.kausal.run.context.Assignment
import dev.kausal.run.context.Journal
import dev.kausal.spec.Results
import java.util.ServiceLoader

/**
 * Computes a run on a cluster. This process lays out the run and finds the parts that its journal lacks; the cluster
 * computes these; and again, until the parts of all analyses are there. Then the run is an ordinary one on the journal.
 */
internal class ClusterExecution(
    private val execution: Execution,
    private val placed: PlacedPlan,
    private val script: EvaluatedScript,
    private val ref: String,
    private val options: RunOptions,
    private val progress: RunProgress,
) {
    private val cluster = checkNotNull(options.cluster) { "no cluster was asked for" }
    private val bound = execution.bound

    /** Computes all results; [journal] keeps the parts if this process ends early. */
    fun results(arrays: ArrayFolder, journal: Journal): Results {
        val provider = provider(ClusterProvider::class.java.classLoader)
        val known = KnownParts(journal)
        return execution.running(known) { runner ->
            runner(Assignment.ByName, arrays).open().use { run ->
                progress.begin("lay out parts")
                val missing = missing(run)
                progress.end()
                if (missing.isNotEmpty()) divided(run, missing, known, provider)
                checkNotNull(run.advance(AnalysisLines(execution.record, progress), Assignment.All).results)
            }
        }
    }

    /** Has a cluster compute what is [missing], and what is then missing, until nothing is. */
    private fun divided(open: OpenRun, missing: List<String>, known: KnownParts, provider: ClusterProvider) {
        val agreement = PartAgreement(execution.terms, placed.precision == Precision.BFLOAT16)
        val ledger = PartLedger(known, agreement, progress)
        progress.begin("start ${cluster.master}")
        try {
            provider.open(settings(), ledger).use { machines ->
                progress.end()
                val run = run().bytes()
                inRounds(open, missing) { parts ->
                    machines.compute(ClusterWork(run, known.all(), ClusterTasks.of(parts)))
                    ledger.failure?.let { throw it }
                }
            }
        } finally {
            PartWorkers.close()
        }
        ledger.secondsByHost.forEach { (host, seconds) -> execution.record.cluster(host, seconds) }
        ledger.processors.forEach(execution.record::processor)
    }

    /** Calls [compute] for what is [missing], and for what is missing once that is there, until nothing is. */
    private fun inRounds(open: OpenRun, missing: List<String>, compute: (List<String>) -> Unit) {
        progress.begin("compute on ${cluster.master}", missing.size.toLong(), "parts")
        var next = missing
        var rounds = 0
        while (next.isNotEmpty()) {
            compute(next)
            rounds++
            val computed = next
            next = missing(open)
            check(next.none { it in computed }) { "parts that were computed are missing" }
            progress.more(next.size.toLong())
        }
        progress.end(if (rounds == 1) "" else "in $rounds rounds, as later parts need earlier ones")
    }

    /** Returns the names of the parts that can be computed now; this process computes what is not divided. */
    private fun missing(run: OpenRun): List<String> =
        run.advance(Silent).missing.filterValues { it == Assignment.ELSEWHERE }.keys.toList()

    private fun settings(): ClusterSettings {
        val environment = SHARED_VARIABLES.mapNotNull { name -> System.getenv(name)?.let { name to it } }.toMap()
        return ClusterSettings(
            name = bound.spec.name,
            master = cluster.master,
            threads = Torch.threads(),
            heapBytes = LEAST_HEAP + 2 * placed.plan.heapBytes,
            nativeBytes = placed.needed - placed.plan.heapBytes,
            environment = environment + ("OMP_NUM_THREADS" to "${Torch.threads()}"),
            given = cluster.settings,
        )
    }

    private fun run(): ClusterRun {
        val source = script.source
        val scripts = CompiledScripts(CacheFolder.of(System.getenv()).resolve("scripts"))
        val sent = ClusterRun.SentScript(
            source.name,
            source.text,
            options.parameters,
            scripts.jar(source.name, source.text)?.let(ClusterRun::encoded),
        )
        return ClusterRun(
            kausal = KausalVersion.text,
            spec = bound.spec,
            ref = ref,
            file = "${ModelSources.resolve(ref, SourceContext.ofProcess(false) {}).path().toAbsolutePath()}",
            executor = execution.record.executor,
            memory = execution.memory,
            threads = Torch.threads(),
            model = ClusterRun.HeldWeights.of(placed.placement, placed.precision),
            counterpart = placed.counterpart?.let(ClusterRun.HeldWeights::of),
            precision = options.precision.word,
            script = sent.takeIf { bound.spec.analyses.any { it.callsScript } },
            pictures = bound.images.mapValues { ClusterRun.encoded(it.value.picture) },
            dictionaries = bound.dictionaries.map { "${it.toAbsolutePath()}" },
        )
    }

    internal companion object {
        /** Returns the implementation that [loader] finds. */
        fun provider(loader: ClassLoader): ClusterProvider =
            ServiceLoader.load(ClusterProvider::class.java, loader).firstOrNull() ?: throw NoClusterException()

        /** Heap of a process without large results. */
        private const val LEAST_HEAP = 1L shl 30

        /** Variables of this process that its counterparts on the cluster have too. */
        private val SHARED_VARIABLES = listOf(
            "OMP_WAIT_POLICY",
            "GOMP_SPINCOUNT",
            "MALLOC_ARENA_MAX",
            "MALLOC_MMAP_THRESHOLD_",
            "MALLOC_TRIM_THRESHOLD_",
            "THP_MEM_ALLOC_ENABLE",
            "OPT_OUT_TRACKING",
            "KAUSAL_HOME",
            "HF_HOME",
            "HF_HUB_CACHE",
            "DJL_CACHE_DIR",
        )
    }
}
