package dev.kausal.dsl.bind

import dev.kausal.dsl.Address
import dev.kausal.dsl.Dictionary
import dev.kausal.dsl.Features
import dev.kausal.dsl.RanksFeatures
import dev.kausal.dsl.Run
import dev.kausal.dsl.Top
import dev.kausal.dsl.declare.Edit
import dev.kausal.dsl.declare.Value
import dev.kausal.dsl.mistakes.FeatureMistake
import dev.kausal.dsl.mistakes.Mistake
import dev.kausal.engine.errors.KausalException
import dev.kausal.engine.features.DictionaryFile
import dev.kausal.engine.features.Scaling
import dev.kausal.engine.hooks.HookKind
import dev.kausal.engine.hooks.HookPoint
import dev.kausal.engine.source.ModelSources
import dev.kausal.engine.source.SourceContext
import dev.kausal.spec.ChoiceSpec
import dev.kausal.spec.ContrastSetSpec
import dev.kausal.spec.DictionarySpec
import dev.kausal.spec.ValueSpec
import java.nio.file.Path
import java.util.IdentityHashMap

/**
 * A dictionary that fits the model.
 *
 * @property index its number in the experiment
 * @property address hook point that it reads
 * @property linear whether its features are linear in what it reads
 */
internal class BoundDictionary(
    val index: Int,
    val spec: DictionarySpec,
    val address: Address,
    val path: Path,
    val linear: Boolean,
)

/** Opens the script's dictionaries, and checks that they fit the model. */
internal class DictionaryBinder(
    private val binding: Binding,
) {
    private val found = IdentityHashMap<Dictionary, BoundDictionary?>()
    private val bound = LinkedHashMap<Pair<String, String?>, BoundDictionary>()
    private val mistakes get() = binding.mistakes

    /** The dictionaries in use, by number. */
    val all: List<BoundDictionary> get() = bound.values.toList()

    /** Returns [dictionary] as bound; null, with a mistake, if it cannot be used. */
    fun of(dictionary: Dictionary): BoundDictionary? {
        if (dictionary !in found) {
            val key = "${dictionary.folder}/${dictionary.ref}" to dictionary.site?.address?.hook
            found[dictionary] = bound[key] ?: open(dictionary)?.also { bound[key] = it }
        }
        return found[dictionary]
    }

    private fun open(dictionary: Dictionary): BoundDictionary? {
        val line = dictionary.script?.line
        val ref = dictionary.ref
        return try {
            DictionaryFile.open(
                ModelSources.dictionary(ref, dictionary.folder, SourceContext.ofProcess(true) {}),
            ).use { file ->
                val config = file.config()
                val hook = dictionary.site?.address?.hook ?: config.site().orElse(null)
                val point = hook?.let { place(it, dictionary, file) } ?: return unplaced(dictionary, file, hook)
                val writes = config.writes().orElse(null)
                if (writes != null && !writable(writes, dictionary, file)) return null
                val spec =
                    DictionarySpec(
                        ref = ref,
                        layout = config.layout(),
                        encoding = config.encoding().label(),
                        site = point.name(),
                        writes = writes,
                        inputs = config.inputs(),
                        features = config.features(),
                        sha256 = file.sha256(),
                        notes = config.notes(),
                        scan = config.scan().orElse(null),
                    )
                val address = Address(point.kind(), point.layer().takeIf { it >= 0 })
                BoundDictionary(bound.size, spec, address, file.path(), config.scaling() == Scaling.NONE)
            }
        } catch (e: KausalException) {
            mistakes += FeatureMistake.Unusable(line, ref, e.message.orEmpty())
            null
        }
    }

    /** Reports a dictionary without a hook point, or one that the model lacks. */
    private fun unplaced(
        dictionary: Dictionary,
        file: DictionaryFile,
        hook: String?,
    ): BoundDictionary? {
        val line = dictionary.script?.line
        val facts = binding.facts
        if (hook == null) {
            mistakes += FeatureMistake.NoSite(line, dictionary.ref, file.config().layout())
        } else if (!facts.hasHook(hook)) {
            mistakes += Mistake.NoSuchHook(line, hook, facts.family, facts.whyNoHook(hook))
        }
        return null
    }

    /** Returns the point called [hook] if the dictionary fits it; null, with a mistake unless the model lacks it, if not. */
    private fun place(
        hook: String,
        dictionary: Dictionary,
        file: DictionaryFile,
    ): HookPoint? {
        val point = binding.facts.point(hook) ?: return null
        val units = units(point)
        val inputs = file.config().inputs()
        if (units == inputs) return point
        mistakes += FeatureMistake.OtherSize(dictionary.script?.line, dictionary.ref, hook, units, inputs)
        return null
    }

    /** Returns whether the model has the point called [writes] in the width that a transcoder writes; reports it if not. */
    private fun writable(
        writes: String,
        dictionary: Dictionary,
        file: DictionaryFile,
    ): Boolean {
        val point = binding.facts.point(writes)
        if (point == null) {
            unplaced(dictionary, file, writes)
            return false
        }
        val units = units(point)
        val outputs = file.config().outputs()
        if (units == outputs) return true
        mistakes += FeatureMistake.OtherOutput(dictionary.script?.line, dictionary.ref, writes, units, outputs)
        return false
    }

    /** Returns the numbers per position of [point]; 0 for attention between positions. */
    private fun units(point: HookPoint): Int {
        if (point.kind().attention()) return 0
        return point.axes().filterNot { it.positions() }.fold(1) { size, axis -> size * binding.facts.sizeOf(axis) }
    }

    /** Returns [edit] at the hook point of its dictionary, if it edits features; null, with a mistake, if it has none. */
    fun placed(edit: Edit): Edit? {
        val value = edit.value as? Value.Feature ?: return edit
        val bound = of(value.features.dictionary) ?: return null
        val writes = bound.spec.writes ?: return edit.copy(site = bound.address)
        val point = binding.facts.point(writes)
        if (point != null && bound.address.kind in BEFORE_MLP && point.kind() == HookKind.MLP_OUT &&
            point.layer() == bound.address.layer
        ) {
            return edit.copy(site = Address(point.kind(), point.layer()))
        }
        mistakes += FeatureMistake.TranscoderEdit(edit.script?.line, bound.spec.ref, bound.spec.site, writes)
        return null
    }

    /** Returns the data of an edit of features, whose numbers are empty if they are chosen later. */
    fun value(edit: Edit, value: Value.Feature): ValueSpec {
        val line = edit.script?.line
        val bound = checkNotNull(of(value.features.dictionary)) { "an edit without its dictionary was placed" }
        if (!value.amount.isFinite()) binding.bad(line, "the strength", "${value.amount}", "a finite number")
        val indices = if (value.features.top == null) indices(line, value.features, bound) else emptyList()
        return ValueSpec.Feature(
            bound.index,
            indices,
            value.amount,
            value.added,
            reads = bound.spec.site.takeIf { bound.spec.writes != null },
        )
    }

    /** Returns the numbers of [features]; reports those that [dictionary] lacks. */
    fun indices(
        line: Int?,
        features: Features,
        dictionary: BoundDictionary,
    ): List<Int> {
        val of = dictionary.spec
        if (features.indices.isEmpty()) binding.bad(line, "the list of features", "empty", "one or more features")
        features.indices.groupBy { it }.filterValues { it.size > 1 }.keys.forEach {
            binding.bad(line, "the list of features", "one with $it twice", "one that names each once")
        }
        features.indices.filter { it !in 0 until of.features }.forEach {
            mistakes += FeatureMistake.NoSuchFeature(line, it, of.ref, of.features)
        }
        return features.indices
    }

    /** Returns the data of [top], which chooses features of [features]; reports a result that does not rank them. */
    fun choice(
        line: Int?,
        top: Top,
        features: Features,
    ): ChoiceSpec {
        val ranking = binding.declared(top.ranking) as? RanksFeatures
        if (ranking?.dictionary !== features.dictionary) {
            val expected = "a featureActivations or featureAttribution of the same dictionary"
            binding.bad(line, "the ranking ${top.ranking}", "another result", expected)
        } else if (top.count !in 1..ranking.count) {
            binding.bad(line, "top", "${top.count}", "1 to ${ranking.count}, the features of ${top.ranking}")
        }
        return top.toSpec(layers = false).copy(features = true)
    }

    /** Reports a number of features that [dictionary] does not have. */
    fun count(
        line: Int?,
        name: String,
        count: Int,
        dictionary: BoundDictionary,
    ) {
        val most = dictionary.spec.features
        if (count !in 1..most) binding.bad(line, name, "$count", "1 to $most, the dictionary's features")
    }

    /** Reports positions to leave out that leave none of some prompt. */
    fun skip(
        line: Int?,
        skip: Int,
        set: ContrastSetSpec,
        run: Run,
    ) {
        val shortest = set.contrasts.mapNotNull { it.prompt(run)?.length }.minOrNull() ?: return
        if (skip !in 0 until shortest) {
            binding.bad(line, "skip", "$skip", "0 to ${shortest - 1}, less than the shortest prompt's tokens")
        }
    }

    private companion object {
        /** What a layer has computed before its MLP, row by row. */
        val BEFORE_MLP = setOf(HookKind.RESID_MID, HookKind.MLP_IN, HookKind.LN2_NORMALIZED)
    }
}
