package dev.kausal.experiments.script

/** Explains which sites have heads and neurons, for scripts that request them from others. */
internal object SiteParts {
    private val STREAM =
        setOf("residPre", "residMid", "residPost", "attnOut", "mlpOut", "embed", "posEmbed", "finalNorm")
    private val NEURONS = setOf("pre", "preLinear", "post")
    private val HEADS = setOf("q", "k", "v", "z", "result", "scores", "pattern")
    private val RECEIVER = Regex("(\\w+)\\s*\\??\\.\\s*$")

    /**
     * Returns why the site at the end of [before] has no [part]; null if there is no site, or [part] is neither heads
     * nor neurons.
     */
    fun missing(part: String, before: String): String? {
        val site = RECEIVER.find(before)?.groupValues?.get(1) ?: return null
        if (site !in STREAM + NEURONS + HEADS + "logits") return null
        val whole = if (site == "attnOut") "$site is summed over heads, so it has none" else "$site has no ${part}s"
        return when (part) {
            "head" -> "$whole; attn.q, k, v, z, result, scores and pattern have: attn.z.head(2) is a head's output."
            "neuron" -> "$site has no neurons; mlp.pre, mlp.preLinear and mlp.post have: mlp.post.neuron(2)."
            else -> null
        }
    }
}
