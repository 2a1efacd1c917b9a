package dev.kausal.experiments.cli

import com.github.ajalt.clikt.core.UsageError
import com.github.ajalt.clikt.parameters.groups.OptionGroup
import com.github.ajalt.clikt.parameters.options.convert
import com.github.ajalt.clikt.parameters.options.multiple
import com.github.ajalt.clikt.parameters.options.option
import dev.kausal.experiments.cluster.ClusterMaster
import dev.kausal.experiments.cluster.ClusterOptions

/** Options of a run on a cluster. */
internal class ClusterOptionGroup : OptionGroup() {
    private val master: ClusterMaster? by option(
        "--cluster",
        metavar = "MASTER",
        help = "Computes the run's parts with Spark, fetched on first use: ${ClusterMaster.FORMS}",
    )
        .convert { ClusterMaster.parse(it) ?: fail("'$it' is not a cluster such as ${ClusterMaster.FORMS}") }

    private val settings: List<Pair<String, String>> by option(
        "--cluster-set",
        metavar = "KEY=VALUE",
        help = "A setting of Spark, such as spark.executor.instances=16; may be repeated",
    )
        .convert {
            if (!it.startsWith("spark.") ||
                '=' !in it
            ) {
                fail("'$it' is not a setting such as spark.executor.instances=16")
            }
            it.substringBefore('=') to it.substringAfter('=')
        }
        .multiple()

    /** The cluster asked for; null if none. */
    val cluster: ClusterOptions?
        get() {
            val asked = master
            if (asked == null && settings.isNotEmpty()) throw UsageError("--cluster-set needs --cluster")
            return asked?.let { ClusterOptions(it, settings.toMap()) }
        }
}
