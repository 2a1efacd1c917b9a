package dev.kausal.experiments.cluster

/**
 * Address of a cluster.
 *
 * @property text as typed
 * @property cores processor cores of one process where the address states them; null if not
 * @property isLocal whether all runs on this machine, at its loopback address
 * @property sharesProcess whether tasks run in this process
 */
public class ClusterMaster private constructor(
    public val text: String,
    public val cores: Int?,
    public val isLocal: Boolean,
    public val sharesProcess: Boolean,
) {
    override fun toString(): String = text

    public companion object {
        /** Forms that are accepted, for messages. */
        public const val FORMS: String = "local[4], local-cluster[2,1,1024], spark://HOST:7077, k8s://HOST:443"
        private val LOCAL = Regex("""local(?:\[(\d{1,4}|\*)])?""")
        private val PROCESSES = Regex("""local-cluster\[(\d{1,3}),(\d{1,4}),(\d{1,7})]""")
        private val LOOPBACK = Regex("""spark://(?:127\.0\.0\.1|localhost):\d+""")
        private val REMOTE = Regex("""(?:spark|k8s)://\S+|yarn""")

        /** Returns the address that [text] is; null if it is none. */
        public fun parse(text: String): ClusterMaster? {
            LOCAL.matchEntire(text)?.let { match ->
                val all = Runtime.getRuntime().availableProcessors()
                val cores = if (match.groupValues[1] == "*") all else match.groupValues[1].toIntOrNull() ?: 1
                return ClusterMaster("local[$cores]", cores, isLocal = true, sharesProcess = true).takeIf { cores > 0 }
            }
            PROCESSES.matchEntire(text)?.let { match ->
                val (processes, cores) = match.groupValues.drop(1).map { it.toInt() }
                return ClusterMaster(text, cores, isLocal = true, sharesProcess = false)
                    .takeIf { processes > 0 && cores > 0 }
            }
            if (!REMOTE.matches(text)) return null
            return ClusterMaster(text, null, isLocal = LOOPBACK.matches(text), sharesProcess = false)
        }
    }
}
