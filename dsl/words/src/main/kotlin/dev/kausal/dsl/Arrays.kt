package dev.kausal.dsl

import ai.djl.ndarray.NDArray
import dev.kausal.engine.tensor.Recording

// `array / number` and `array / array` need no word here: the array's own `div` is an operator already.

/** Returns the elementwise sum. */
public operator fun NDArray.plus(other: NDArray): NDArray = add(other)

/** Returns the array with [number] added to every element. */
public operator fun NDArray.plus(number: Number): NDArray = add(number)

/** Returns the elementwise difference. */
public operator fun NDArray.minus(other: NDArray): NDArray = sub(other)

/** Returns the array with [number] subtracted from every element. */
public operator fun NDArray.minus(number: Number): NDArray = sub(number)

/** Returns the elementwise product. */
public operator fun NDArray.times(other: NDArray): NDArray = mul(other)

/** Returns every element multiplied by [number]. */
public operator fun NDArray.times(number: Number): NDArray =
    if (Recording.on()) mul(Recording.scalar(this, number.toFloat())) else mul(number)

/** Returns the array with every sign flipped. */
public operator fun NDArray.unaryMinus(): NDArray = neg()

/** Returns this number plus every element. */
public operator fun Number.plus(array: NDArray): NDArray = array.add(this)

/** Returns this number minus every element. */
public operator fun Number.minus(array: NDArray): NDArray = array.neg().add(this)

/** Returns this number times every element. */
public operator fun Number.times(array: NDArray): NDArray = array * this
