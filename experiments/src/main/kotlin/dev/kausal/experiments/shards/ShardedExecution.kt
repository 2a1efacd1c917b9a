package dev.kausal.experiments.shards

import dev.kausal.bundle.ArrayFolder
import dev.kausal.bundle.BundleFiles
import dev.kausal.bundle.BundleWriter
import dev.kausal.dsl.bind.BoundExperiment
import dev.kausal.engine.exec.BatchedExecutor
import dev.kausal.engine.exec.PlainExecutor
import dev.kausal.engine.model.ModelSource
import dev.kausal.engine.tensor.Torch
import dev.kausal.experiments.AnalysisLines
import dev.kausal.experiments.EvaluatedScript
import dev.kausal.experiments.Execution
import dev.kausal.experiments.KausalVersion
import dev.kausal.experiments.MemoryBudget
import dev.kausal.experiments.RunOptions
import dev.kausal.experiments.RunPrecision
import dev.kausal.experiments.RunProgress
import dev.kausal.experiments.RunRecorder
import dev.kausal.experiments.bind
import dev.kausal.experiments.opened
import dev.kausal.run.context.Assignment.ShardOf
import dev.kausal.spec.ExperimentSpec
import java.net.InetAddress
import java.nio.file.Path

/** Computes a shard of a run, or merges its shards. */
internal class ShardedExecution(
    private val script: EvaluatedScript,
    private val options: RunOptions,
    private val progress: RunProgress,
) {
    private val folder = ShardFolder(checkNotNull(options.out) { "shards need a folder" })

    /** Computes the parts of [shard] that the folder lacks. */
    fun shard(shard: ShardOf): ShardReport =
        opened(script, options, progress::note) { source, declaration, ref ->
            val execution = execution(source, options.precision.applied(bind(declaration, ref, source)), shard.count)
            val journal = folder.journal(progress::note)
            val begun = System.nanoTime()
            val end = ArrayFolder.temporary().use { arrays ->
                execution.running(journal) { it(shard, arrays).shard(AnalysisLines(execution.record, progress)) }
            }
            folder.record(record(shard, execution, (System.nanoTime() - begun) / NANOS, journal.written))
            val others = end.missing.values.filter { it > 0 }.distinct().sorted()
            val (ended, running) = others.partition { folder.hasEnded(it, shard.count) }
            ShardReport(
                experiment = execution.bound.spec.name,
                shard = shard,
                computed = journal.written.size,
                found = journal.found,
                waiting = running,
                left = ended,
                forMerge = end.missing.filterValues { it == 0 }.keys.toList(),
            )
        }

    /** Writes the bundle, after adding the shards of [others]; what needs all shards is computed now. */
    fun merge(others: List<Path>): Path =
        opened(script, options, progress::note) { source, declaration, ref ->
            others.forEach { folder.add(ShardFolder(it)) }
            val run = folder.run() ?: throw ShardsException.notShards(folder.out)
            val records = folder.records(run)
            val bound = options.precision.applied(bind(declaration, ref, source))
            val execution = execution(source, bound, run.count, ShardsException::changed)
            BundleWriter.into(folder.out).use { writer ->
                val results = execution.results(writer.arrays, folder.journal(progress::note))
                records.forEach {
                    execution.record.shard(ShardName.of(ShardOf(it.number, it.count)), it.seconds, it.processor)
                }
                execution.written(script.source, results, writer).also { folder.discard() }
            }
        }

    /** Returns the experiment with the options that the folder's shards agree on. */
    private fun execution(
        source: ModelSource,
        bound: BoundExperiment,
        count: Int,
        refusal: (Path, List<String>) -> ShardsException = ShardsException::otherRun,
    ): Execution {
        val agreed = folder.run()
        (options.threads ?: agreed?.threads)?.let(Torch::threads)
        val placed = MemoryBudget.of(options)
            .plan(bound, source, Torch.threads(), agreed?.streamed ?: false, options.precision.products)
        val memory = agreed?.memory.takeIf { options.memoryBytes == null } ?: placed.beyondWeights
        val exact = options.exact || agreed?.executor == PlainExecutor().name()
        val executor = if (exact) PlainExecutor() else BatchedExecutor(memory)
        val running = bound.onWeights(source.sha256())
        val run = ShardedRun(
            kausal = KausalVersion.text,
            experiment = running.spec.name,
            count = count,
            target = script.source.file?.toAbsolutePath()?.toString() ?: script.source.name,
            parameters = options.parameters,
            model = options.model,
            script = script.source.text,
            spec = BundleFiles.sha256(ExperimentSpec.serializer(), running.spec),
            executor = executor.name(),
            memory = memory,
            threads = Torch.threads(),
            command = options.command,
            streamed = placed.placement.streamed(),
            precision = options.precision.word,
        )
        folder.claim(run, refusal)
        return Execution(
            source,
            running,
            executor,
            memory,
            placed,
            RunRecorder(options, placed, memory),
            progress,
        )
    }

    private fun record(shard: ShardOf, execution: Execution, seconds: Double, parts: Map<String, String>): ShardRecord {
        val environment = execution.record.environment()
        val host = runCatching { InetAddress.getLocalHost().hostName }.getOrDefault("unknown")
        return ShardRecord(
            number = shard.number,
            count = shard.count,
            host = host,
            processor = environment.processor,
            threads = environment.threads,
            seconds = seconds,
            parts = parts,
        )
    }

    internal companion object {
        private const val NANOS = 1e9

        /** Returns the merge of the shards in [folder], with their options. */
        fun merging(script: EvaluatedScript, folder: Path, progress: RunProgress): ShardedExecution {
            val run = ShardFolder(folder).run() ?: throw ShardsException.notShards(folder)
            val options = RunOptions(
                model = run.model,
                out = folder,
                parameters = run.parameters,
                command = run.command,
                precision = RunPrecision.entries.single { it.word == run.precision },
            )
            return ShardedExecution(script, options, progress)
        }
    }
}
