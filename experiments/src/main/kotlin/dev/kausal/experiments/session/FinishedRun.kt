package dev.kausal.experiments.session

import dev.kausal.bundle.Bundle
import dev.kausal.engine.errors.KausalException
import dev.kausal.engine.names.NearestNames
import dev.kausal.spec.Result
import java.nio.file.Path

/**
 * A run that has ended.
 *
 * @property folder the folder of its bundle
 * @property bundle the bundle's contents
 */
public class FinishedRun internal constructor(
    public val folder: Path,
    public val bundle: Bundle,
) {
    /** Names of the results, in the order of the experiment. */
    public val names: List<String> get() = bundle.results.results.map { it.name }

    /** Returns the result called [name]; throws [NoSuchResultException] if there is none. */
    public operator fun get(name: String): Result =
        bundle.results.results.find { it.name == name } ?: throw NoSuchResultException(name, names)

    /** Returns the numbers of result [name] over all examples: a row for each cell. */
    public fun cells(name: String): ResultTable = ResultTable.ofCells(get(name))

    /** Returns the numbers of result [name] by example: a row for each example and cell. */
    public fun examples(name: String): ResultTable = ResultTable.ofExamples(get(name))
}

/** A run has no result of this name. */
public class NoSuchResultException internal constructor(
    name: String,
    known: List<String>,
) : KausalException(
        Blame.USER,
        "The run has no result '$name'." +
            NearestNames.meant(name, known).map { " Did you mean '$it'?" }.orElse("") +
            " Results: ${known.joinToString()}.",
    ) {
    private companion object {
        private const val serialVersionUID = 1L
    }
}
