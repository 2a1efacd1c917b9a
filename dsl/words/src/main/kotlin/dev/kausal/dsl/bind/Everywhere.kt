package dev.kausal.dsl.bind

import dev.kausal.dsl.Address
import dev.kausal.dsl.declare.Edit
import dev.kausal.engine.hooks.HookKind

/** What writes to the residual stream, and the stream before each layer. */
private val EVERYWHERE = listOf(HookKind.RESID_PRE, HookKind.ATTN_OUT, HookKind.MLP_OUT)

/** Returns the edits that [edit] stands for if it is made everywhere: at the sites that the model has. */
internal fun Binding.everywhere(edit: Edit): List<Edit> =
    if (!edit.everywhere) {
        listOf(edit)
    } else {
        (0 until facts.shape.layers)
            .flatMap { layer -> EVERYWHERE.map { Address(it, layer) } }
            .filter { facts.hasHook(it.hook) }
            .map { edit.copy(site = it, everywhere = false) }
    }
