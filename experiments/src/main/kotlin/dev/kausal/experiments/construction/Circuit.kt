package dev.kausal.experiments.construction

import dev.kausal.engine.model.Checkpoint
import dev.kausal.engine.weights.SafetensorsWriter.Tensor

/**
 * A GPT-2 with hand-written weights: everything is 0 except what a circuit needs.
 *
 * Two dimensions hold a large number and its negative in every row, +32 and -32. They dominate the norm, so that
 * LayerNorm divides by nearly the same number everywhere, 4; gains of 4 undo it. Written values are thus read back to
 * within a few parts in a thousand, and the closer the larger the constant.
 *
 * @property vocabulary tokens by id
 */
internal class Circuit(
    private val layers: Int,
    val vocabulary: List<String>,
    private val neurons: Int,
    private val sizes: CircuitSizes = CircuitSizes(),
) {
    private val width = sizes.width
    private var taken = 0
    private val config = config(vocabulary.size)
    private val checkpoint = Checkpoint.of(config)
    private val slots = checkpoint.slots().associateBy { it.name() }
    private val tensors = slots.mapValues { (_, slot) -> FloatArray(slot.shape().fold(1L, Long::times).toInt()) }
    private val constant = space(2)

    /** Returns config.json. */
    fun config(): String = config

    /** The token in the row. */
    val token: Space = space(vocabulary.size)

    /** The row's position. */
    val position: Space = space(sizes.positions)

    init {
        for (layer in 0 until layers) {
            for (norm in listOf("ln_1", "ln_2")) tensor("transformer.h.$layer.$norm.weight").fill(sizes.length)
        }
        tensor("transformer.ln_f.weight").fill(sizes.length)
        for (id in vocabulary.indices) {
            write("transformer.wte.weight", id, width, token.direction(id))
            val always = mapOf(constant[0] to sizes.constant, constant[1] to -sizes.constant)
            write("transformer.wte.weight", id, width, always)
        }
        for (row in 0 until sizes.positions) write("transformer.wpe.weight", row, width, position.direction(row))
    }

    /** Returns the id of a token. */
    fun id(text: String): Int = vocabulary.indexOf(text).also { require(it >= 0) { text } }

    /** Reserves free dimensions. */
    fun space(size: Int): Space = Space(taken, size).also {
        taken += size
        require(taken <= width)
    }

    private fun tensor(name: String) = tensors.getValue(name)

    private fun write(
        name: String,
        row: Int,
        columns: Int,
        values: Map<Int, Float>,
    ) {
        values.forEach { (column, value) -> tensor(name)[row * columns + column] += value }
    }

    /** Returns a head to be wired. */
    fun head(
        layer: Int,
        head: Int,
    ): Head = Head(layer, head)

    /** The wiring of a head: from dimensions of the stream to its own numbers, and back. */
    inner class Head(
        private val layer: Int,
        private val head: Int,
    ) {
        /**
         * Makes scores rise by [times] the sharpness if the query's [asks] and the key's [has] hold the same value; uses
         * the head's numbers from [number] on.
         */
        fun match(
            asks: List<Int>,
            has: List<Int>,
            times: Float = 1f,
            number: Int = 0,
        ): Head {
            asks.zip(has).forEachIndexed { index, (query, key) ->
                put(0, query, number + index, sizes.sharp * times)
                put(1, key, number + index, 1f)
            }
            return this
        }

        /**
         * Makes every query prefer keys with 1 in [dimension], by [times] the sharpness; uses the head's number
         * [number].
         */
        fun prefer(
            dimension: Int,
            times: Float,
            number: Int,
        ): Head = prefer(listOf(dimension), times, number)

        /** The same for keys with 1 in any of [dimensions]. */
        fun prefer(
            dimensions: List<Int>,
            times: Float,
            number: Int,
        ): Head {
            put(0, constant[0], number, sizes.sharp * times / sizes.constant)
            dimensions.forEach { put(1, it, number, 1f) }
            return this
        }

        /**
         * Copies [from] of the attended rows to [to], value by value, scaled by [times]; [also] is written too, once for
         * any value.
         */
        fun copy(
            from: List<Int>,
            to: Space,
            times: Float = 1f,
            also: Map<Int, Float> = emptyMap(),
        ): Head {
            from.forEachIndexed { number, dimension ->
                put(2, dimension, number, 1f)
                write(
                    "transformer.h.$layer.attn.c_proj.weight",
                    head * sizes.headWidth + number,
                    width,
                    to.direction(number, times) + also,
                )
            }
            return this
        }

        /** Adds what number [number] of the queries, in units of the sharpness, reads, with [always] in every row. */
        fun query(
            number: Int,
            reads: Map<Int, Float>,
            always: Float = 0f,
        ): Head = read(0, number, reads, always, sizes.sharp)

        /** Adds what number [number] of the keys reads. */
        fun key(
            number: Int,
            reads: Map<Int, Float>,
        ): Head = read(1, number, reads, 0f, 1f)

        /** Adds what number [number] of the values reads, with [always] in every row, and what it [writes]. */
        fun value(
            number: Int,
            reads: Map<Int, Float>,
            always: Float,
            writes: Map<Int, Float>,
        ): Head {
            write("transformer.h.$layer.attn.c_proj.weight", head * sizes.headWidth + number, width, writes)
            return read(2, number, reads, always, 1f)
        }

        private fun read(
            part: Int,
            number: Int,
            reads: Map<Int, Float>,
            always: Float,
            times: Float,
        ): Head {
            reads.forEach { (dimension, weight) -> put(part, dimension, number, times * weight) }
            if (always != 0f) put(part, constant[0], number, times * always / sizes.constant)
            return this
        }

        private fun put(
            part: Int,
            dimension: Int,
            number: Int,
            value: Float,
        ) {
            require(number < sizes.headWidth)
            val column = part * width + head * sizes.headWidth + number
            write("transformer.h.$layer.attn.c_attn.weight", dimension, 3 * width, mapOf(column to value))
        }
    }

    /** Adds a head that copies the previous row's token to [to]; the first row copies its own. */
    fun previousToken(
        layer: Int,
        head: Int,
        to: Space,
    ) {
        val rows = 0 until sizes.positions - 1
        head(layer, head).match(rows.map { position[it + 1] }, rows.map { position[it] }).copy(dimensions(token), to)
    }

    /** Adds a decoy head that writes a mean of tokens into dimensions that nothing reads. */
    fun idle(
        layer: Int,
        head: Int,
        to: Space,
    ) {
        head(layer, head).copy((0 until to.size).map { token[it] }, to)
    }

    /** Adds a neuron that is 1 in rows with both values and 0 elsewhere. */
    fun both(
        layer: Int,
        neuron: Int,
        first: Pair<Space, Int>,
        second: Pair<Space, Int>,
        writes: Map<Int, Float>,
    ) {
        val values = listOf(first, second)
        val offset = values.fold(3f) { left, (space) -> left - 2f / space.size }
        neuron(layer, neuron, values.map { (space, value) -> space[value] }.associateWith { 2f }, -offset, writes)
    }

    /** Adds a neuron that sums what it [reads], weighted, plus [bias]; it [writes] the positive part. */
    fun neuron(
        layer: Int,
        neuron: Int,
        reads: Map<Int, Float>,
        bias: Float,
        writes: Map<Int, Float>,
    ) {
        reads.forEach { (dimension, weight) ->
            write("transformer.h.$layer.mlp.c_fc.weight", dimension, neurons, mapOf(neuron to weight))
        }
        tensor("transformer.h.$layer.mlp.c_fc.bias")[neuron] = bias
        write("transformer.h.$layer.mlp.c_proj.weight", neuron, width, writes)
    }

    /** Adds [times] [LOGIT] times [dimension] to the logit of [token]. */
    fun unembed(
        token: Int,
        dimension: Int,
        times: Float = 1f,
    ): Unit = write("lm_head.weight", token, width, mapOf(dimension to times * LOGIT))

    /** Reserves two dimensions for a yes, which is written as [yes]. */
    fun flag(): Space = space(2)

    /** Returns what is written into a [flag] to say yes. */
    fun yes(flag: Space): Map<Int, Float> = mapOf(flag[0] to 1f, flag[1] to -1f)

    /** Returns the dimensions of a space. */
    fun dimensions(space: Space): List<Int> = (0 until space.size).map { space[it] }

    /** Returns the weights as a checkpoint's tensors. */
    fun tensors(): List<Tensor> = slots.map { (name, slot) -> Tensor(name, slot.shape(), tensor(name)) }

    private fun config(tokens: Int): String =
        """
        {
          "architectures": ["GPT2LMHeadModel"],
          "model_type": "gpt2",
          "activation_function": "relu",
          "layer_norm_epsilon": 1e-05,
          "n_embd": $width,
          "n_head": ${sizes.heads},
          "n_inner": $neurons,
          "n_layer": $layers,
          "n_positions": ${sizes.positions},
          "tie_word_embeddings": false,
          "vocab_size": $tokens
        }
        """.trimIndent() + "\n"

    companion object {
        const val WIDTH: Int = 128
        const val HEADS: Int = 4
        const val D_HEAD: Int = WIDTH / HEADS
        const val POSITIONS: Int = 32

        /** Logit of an answer that is found. */
        const val LOGIT: Float = 10f
    }
}
