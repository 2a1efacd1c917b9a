package dev.kausal.experiments.construction.rasp

import dev.kausal.engine.circuits.CircuitRun
import dev.kausal.engine.circuits.EdgeAttribution
import dev.kausal.engine.circuits.EdgeGraph
import dev.kausal.engine.circuits.EdgePair
import dev.kausal.engine.circuits.EdgePatching
import dev.kausal.engine.config.Input
import dev.kausal.engine.exec.BatchedExecutor
import dev.kausal.engine.forward.Linearisation
import dev.kausal.engine.hooks.HookKind
import dev.kausal.engine.hooks.Hooks
import dev.kausal.engine.metrics.LogitDifference
import dev.kausal.engine.model.HookedModel
import dev.kausal.engine.tokens.Tokenizers
import java.nio.file.Path

/** A compiled program, written to a folder and loaded again. */
internal class CompiledModel(
    program: Program,
    folder: Path,
) : ProgramModel(program, RaspModel(program).write(folder.resolve(program.name)))

/** A model in a folder that computes a program. */
internal open class ProgramModel(
    val program: Program,
    path: Path,
) : AutoCloseable {
    private val tokenizer = Tokenizers.open(path)
    val model: HookedModel = HookedModel.open(path)
    val graph: EdgeGraph = EdgeGraph(model.config())

    fun ids(text: List<String>): IntArray = tokenizer.encode((listOf(".") + text).joinToString(" ")).ids()

    private fun id(word: String): Int = tokenizer.encode(if (word == ".") word else " $word").ids().single()

    /** Returns the logits of the last row, and the rows of the stream after the last layer, of each text. */
    fun run(texts: List<List<String>>): List<Pair<FloatArray, List<FloatArray>>> =
        model.device().manager().use { manager ->
            val inputs = texts.map { Input.tokens(*ids(it)) }
            val hooks = Hooks(model.points())
            val after = HookKind.RESID_POST.name(model.config().layers() - 1)
            hooks.capture({ it.name() == after }, manager).use { cache ->
                val logits = model.outputsAt(inputs, inputs.map { it.length() - 1 }.toIntArray(), hooks, manager)
                val width = model.config().dModel()
                val streams = cache.get(after).toFloatArray().toList().chunked(width) { it.toFloatArray() }
                val outputs = logits.toFloatArray().toList().chunked(logits.shape.get(1).toInt()) { it.toFloatArray() }
                outputs.zip(streams.chunked(texts.first().size + 1))
            }
        }

    /** Returns the answer with the highest logit. */
    fun answer(logits: FloatArray): String = program.output.domain.map { "$it" }.maxBy { logits[id(it)] }

    fun pair(
        clean: List<String>,
        corrupted: List<String>,
    ): EdgePair {
        val metric = LogitDifference(id(program.answer(clean)), id(program.answer(corrupted)))
        return EdgePair(Input.tokens(*ids(clean)), Input.tokens(*ids(corrupted)), clean.size, metric)
    }

    /** Returns the exact change of the metric by each edge. */
    fun exact(pair: EdgePair): List<Double> {
        val all = List(graph.size()) { it }
        val clean = CircuitRun(model, graph, pair).use { it.metrics(listOf(graph.all())) }
        return EdgePatching(model, graph, pair).metrics(all, BatchedExecutor(1L shl 28)).map { it - clean[0] }
    }

    fun estimate(
        pair: EdgePair,
        steps: Int = 0,
        rules: Linearisation = Linearisation.NONE,
    ): List<Double> = EdgeAttribution.of(model, graph, pair, steps, rules).toList()

    override fun close() {
        model.close()
        tokenizer.close()
    }
}

/** Returns every text of exactly [length] words. */
internal fun texts(
    words: List<String>,
    length: Int,
): List<List<String>> =
    (1..length).fold(listOf(emptyList())) { texts, _ -> texts.flatMap { text -> words.map { text + it } } }

/** Texts on which a program is defined, of one length each. */
internal fun Program.inputs(): List<List<List<String>>> =
    if (this === Programs.reverse) {
        (1..4).flatMap { letters ->
            val all = texts(words - ">", letters)
            (0..letters).flatMap { said -> all.map { it + ">" + it.reversed().take(said) } }
        }.groupBy { it.size }.values.toList()
    } else {
        (1..longest).map { length -> texts(words, length) }
    }
