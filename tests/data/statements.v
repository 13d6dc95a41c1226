(* softmax-jacobian *)
Variable n : nat. Hypothesis n_pos : (0 < n)%N.
Variable x : nat -> F.
Definition u (i : nat) : F := (exp (x i)).
Definition Z : F := (\sum_(k < n) (u k)).
Definition s (i : nat) : F := ((u i) / Z).
(* after our rules of differentiation *)
Lemma softmax_jacobian_2 : forall (i : 'I_n) (j : 'I_n), ((((exp (x i)) * (i == j :> nat)%:R) / Z) + ((- ((u i) * (\sum_(k < n) ((exp (x k)) * (k == j :> nat)%:R)))) / (Z ^+ 2))) = ((((exp (x i)) * (i == j :> nat)%:R) / Z) + (- (((u i) * (\sum_(k < n) ((exp (x k)) * (k == j :> nat)%:R))) / (Z ^+ 2)))) :> F.
(* after our rules of differentiation *)
Lemma softmax_jacobian_3 : forall (i : 'I_n) (j : 'I_n), ((((exp (x i)) * (i == j :> nat)%:R) / Z) + (- (((u i) * (\sum_(k < n) ((exp (x k)) * (k == j :> nat)%:R))) / (Z ^+ 2)))) = ((((i == j :> nat)%:R * (u i)) / Z) + (- (((u i) * (u j)) / (Z ^+ 2)))) :> F.
Lemma softmax_jacobian_4 : forall (i : 'I_n) (j : 'I_n), ((((i == j :> nat)%:R * (u i)) / Z) + (- (((u i) * (u j)) / (Z ^+ 2)))) = (((i == j :> nat)%:R * (s i)) + (- ((s i) * (s j)))) :> F.
Lemma softmax_jacobian_5 : forall (i : 'I_n) (j : 'I_n), (((i == j :> nat)%:R * (s i)) + (- ((s i) * (s j)))) = ((s i) * ((i == j :> nat)%:R + (- (s j)))) :> F.

(* softmax-backward *)
Variable n : nat. Hypothesis n_pos : (0 < n)%N.
Variable dp : nat -> F.
Variable x : nat -> F.
Variable dy : nat -> F.
Definition p (i : nat) : F := ((exp (x i)) / (\sum_(k < n) (exp (x k)))).
Definition a : F := (\sum_(k < n) ((p k) * (dp k))).
(* after our rules of differentiation *)
Lemma softmax_backward_2 : forall (j : 'I_n), (\sum_(i < n) ((dp i) * ((((exp (x i)) * (i == j :> nat)%:R) / (\sum_(k < n) (exp (x k)))) + ((- ((exp (x i)) * (\sum_(k < n) ((exp (x k)) * (k == j :> nat)%:R)))) / ((\sum_(k < n) (exp (x k))) ^+ 2))))) = (\sum_(i < n) ((dp i) * ((((exp (x i)) * (i == j :> nat)%:R) / (\sum_(k < n) (exp (x k)))) + ((- ((exp (x i)) * (\sum_(k < n) ((exp (x k)) * (k == j :> nat)%:R)))) / ((\sum_(k < n) (exp (x k))) ^+ 2))))) :> F.
(* after our rules of differentiation *)
Lemma softmax_backward_3 : forall (j : 'I_n), (\sum_(i < n) ((dp i) * ((((exp (x i)) * (i == j :> nat)%:R) / (\sum_(k < n) (exp (x k)))) + ((- ((exp (x i)) * (\sum_(k < n) ((exp (x k)) * (k == j :> nat)%:R)))) / ((\sum_(k < n) (exp (x k))) ^+ 2))))) = (((p j) * (dp j)) + (- ((p j) * (\sum_(k < n) ((p k) * (dp k)))))) :> F.
Lemma softmax_backward_5 : forall (j : 'I_n), (((p j) * (dp j)) + (- ((p j) * (\sum_(k < n) ((p k) * (dp k)))))) = ((p j) * ((dp j) + (- a))) :> F.
Lemma softmax_backward_7 : (\sum_(j < n) ((p j) * ((dp j) + (- a)))) = 0 :> F.
(* after our rules of differentiation *)
Lemma softmax_backward_9 : forall (j : 'I_n), (\sum_(i < n) ((dy i) * ((i == j :> nat)%:R + (- ((1 / (\sum_(k < n) (exp (x k)))) * (\sum_(k < n) ((exp (x k)) * (k == j :> nat)%:R))))))) = (\sum_(i < n) ((dy i) * ((i == j :> nat)%:R + (- ((1 / (\sum_(k < n) (exp (x k)))) * (\sum_(k < n) ((exp (x k)) * (k == j :> nat)%:R))))))) :> F.
(* after our rules of differentiation *)
Lemma softmax_backward_10 : forall (j : 'I_n), (\sum_(i < n) ((dy i) * ((i == j :> nat)%:R + (- ((1 / (\sum_(k < n) (exp (x k)))) * (\sum_(k < n) ((exp (x k)) * (k == j :> nat)%:R))))))) = ((dy j) + (- ((p j) * (\sum_(i < n) (dy i))))) :> F.
Lemma softmax_backward_12 : (\sum_(j < n) ((dy j) + (- ((p j) * (\sum_(i < n) (dy i)))))) = 0 :> F.

(* softmax-and-sigmoid *)
Variable n : nat. Hypothesis n_pos : (0 < n)%N.
Variable x : nat -> F.
Variable a : F.
Variable b : F.
Variable t : F.
Definition Z : F := (\sum_(k < n) (exp (x k))).
Lemma softmax_and_sigmoid_2 : (\sum_(i < n) ((exp (x i)) / Z)) = ((1 / Z) * (\sum_(i < n) (exp (x i)))) :> F.
Lemma softmax_and_sigmoid_3 : ((1 / Z) * (\sum_(i < n) (exp (x i)))) = 1 :> F.
Lemma softmax_and_sigmoid_5 : ((exp a) / ((exp a) + (exp b))) = (1 / (1 + ((exp b) / (exp a)))) :> F.
Lemma softmax_and_sigmoid_6 : (1 / (1 + ((exp b) / (exp a)))) = (1 / (1 + (exp (- (a + (- b)))))) :> F.
Lemma softmax_and_sigmoid_8 : ((1 / (1 + (exp (- t)))) + (1 / (1 + (exp t)))) = (((exp t) / ((exp t) + 1)) + (1 / (1 + (exp t)))) :> F.
Lemma softmax_and_sigmoid_9 : (((exp t) / ((exp t) + 1)) + (1 / (1 + (exp t)))) = 1 :> F.
Lemma softmax_and_sigmoid_11 : ((2%:R / (1 + (exp ((- 2%:R) * t)))) + (- 1)) = ((1 + (- (exp ((- 2%:R) * t)))) / (1 + (exp ((- 2%:R) * t)))) :> F.
Lemma softmax_and_sigmoid_12 : ((1 + (- (exp ((- 2%:R) * t)))) / (1 + (exp ((- 2%:R) * t)))) = (((exp t) + (- (exp (- t)))) / ((exp t) + (exp (- t)))) :> F.
Lemma softmax_and_sigmoid_13 : (((exp t) + (- (exp (- t)))) / ((exp t) + (exp (- t)))) = (((exp (2%:R * t)) + (- 1)) / ((exp (2%:R * t)) + 1)) :> F.

(* rms-norm-jacobian *)
Variable d : nat. Hypothesis d_pos : (0 < d)%N.
Variable x : nat -> F.
Variable epsilon : F.
Hypothesis epsilon_in : 0 < epsilon.
Variable dy : nat -> F.
Variable gamma : nat -> F.
Definition r : F := (Num.sqrt (((1 / d%:R) * (\sum_(k < d) ((x k) ^+ 2))) + epsilon)).
Definition J (i j : nat) : F := ((1 / r) * ((i == j :> nat)%:R + (- (((x i) * (x j)) / (d%:R * (r ^+ 2)))))).
Definition x_hat (i : nat) : F := ((x i) / r).
Definition J' (i j : nat) : F := (((i == j :> nat)%:R + (- (((x_hat i) * (x_hat j)) / d%:R))) / r).
Definition dx_hat (i : nat) : F := ((gamma i) * (dy i)).
Definition dx (i : nat) : F := (((dx_hat i) + (- ((1 / d%:R) * (x_hat i) * (\sum_(k < d) ((dx_hat k) * (x_hat k)))))) / r).
(* after our rules of differentiation *)
Lemma rms_norm_jacobian_2 : forall (j : 'I_d), ((1 / (2%:R * (Num.sqrt (((1 / d%:R) * (\sum_(k < d) ((x k) ^+ 2))) + epsilon)))) * ((1 / d%:R) * (\sum_(k < d) ((2%:R * (x k)) * (k == j :> nat)%:R)))) = (((1 / d%:R) * (\sum_(k < d) (2%:R * (x k) * (k == j :> nat)%:R))) / (2%:R * r)) :> F.
Lemma rms_norm_jacobian_3 : forall (j : 'I_d), (((1 / d%:R) * (\sum_(k < d) (2%:R * (x k) * (k == j :> nat)%:R))) / (2%:R * r)) = ((x j) / (d%:R * r)) :> F.
(* after our rules of differentiation *)
Lemma rms_norm_jacobian_5 : forall (i : 'I_d) (j : 'I_d), (((i == j :> nat)%:R / r) + ((- ((x i) * ((1 / (2%:R * (Num.sqrt (((1 / d%:R) * (\sum_(k < d) ((x k) ^+ 2))) + epsilon)))) * ((1 / d%:R) * (\sum_(k < d) ((2%:R * (x k)) * (k == j :> nat)%:R)))))) / (r ^+ 2))) = (((i == j :> nat)%:R / r) + (- (((x i) * ((1 / (2%:R * (Num.sqrt (((1 / d%:R) * (\sum_(k < d) ((x k) ^+ 2))) + epsilon)))) * ((1 / d%:R) * (\sum_(k < d) ((2%:R * (x k)) * (k == j :> nat)%:R))))) / (r ^+ 2)))) :> F.
(* after our rules of differentiation *)
Lemma rms_norm_jacobian_6 : forall (i : 'I_d) (j : 'I_d), (((i == j :> nat)%:R / r) + (- (((x i) * ((1 / (2%:R * (Num.sqrt (((1 / d%:R) * (\sum_(k < d) ((x k) ^+ 2))) + epsilon)))) * ((1 / d%:R) * (\sum_(k < d) ((2%:R * (x k)) * (k == j :> nat)%:R))))) / (r ^+ 2)))) = (((i == j :> nat)%:R / r) + (- (((x i) * (x j)) / (d%:R * (r ^+ 3))))) :> F.
Lemma rms_norm_jacobian_7 : forall (i : 'I_d) (j : 'I_d), (((i == j :> nat)%:R / r) + (- (((x i) * (x j)) / (d%:R * (r ^+ 3))))) = (J i j) :> F.
Lemma rms_norm_jacobian_8 : forall (i : 'I_d) (j : 'I_d), (J i j) = (J' i j) :> F.
Lemma rms_norm_jacobian_10 : forall (i : 'I_d), (\sum_(j < d) ((J i j) * (x j))) = ((1 / r) * ((x i) + (- (((x i) * ((1 / d%:R) * (\sum_(j < d) ((x j) ^+ 2)))) / (r ^+ 2))))) :> F.
Lemma rms_norm_jacobian_11 : forall (i : 'I_d), ((1 / r) * ((x i) + (- (((x i) * ((1 / d%:R) * (\sum_(j < d) ((x j) ^+ 2)))) / (r ^+ 2))))) = ((epsilon * (x i)) / (r ^+ 3)) :> F.
(* after our rules of differentiation *)
Lemma rms_norm_jacobian_13 : forall (j : 'I_d), (\sum_(i < d) ((dy i) * (gamma i) * (((i == j :> nat)%:R / r) + ((- ((x i) * ((1 / (2%:R * (Num.sqrt (((1 / d%:R) * (\sum_(k < d) ((x k) ^+ 2))) + epsilon)))) * ((1 / d%:R) * (\sum_(k < d) ((2%:R * (x k)) * (k == j :> nat)%:R)))))) / (r ^+ 2))))) = (\sum_(i < d) ((dx_hat i) * (((i == j :> nat)%:R / r) + ((- ((x i) * ((1 / (2%:R * (Num.sqrt (((1 / d%:R) * (\sum_(k < d) ((x k) ^+ 2))) + epsilon)))) * ((1 / d%:R) * (\sum_(k < d) ((2%:R * (x k)) * (k == j :> nat)%:R)))))) / (r ^+ 2))))) :> F.
(* after our rules of differentiation *)
Lemma rms_norm_jacobian_14 : forall (j : 'I_d), (\sum_(i < d) ((dx_hat i) * (((i == j :> nat)%:R / r) + ((- ((x i) * ((1 / (2%:R * (Num.sqrt (((1 / d%:R) * (\sum_(k < d) ((x k) ^+ 2))) + epsilon)))) * ((1 / d%:R) * (\sum_(k < d) ((2%:R * (x k)) * (k == j :> nat)%:R)))))) / (r ^+ 2))))) = (\sum_(i < d) ((dx_hat i) * (J i j))) :> F.
Lemma rms_norm_jacobian_16 : forall (j : 'I_d), (\sum_(i < d) ((dx_hat i) * (J i j))) = (((dx_hat j) + (- ((x_hat j) * ((1 / d%:R) * (\sum_(i < d) ((dx_hat i) * (x_hat i))))))) / r) :> F.
Lemma rms_norm_jacobian_17 : forall (j : 'I_d), (((dx_hat j) + (- ((x_hat j) * ((1 / d%:R) * (\sum_(i < d) ((dx_hat i) * (x_hat i))))))) / r) = (dx j) :> F.

(* layer-norm-geometry *)
Variable d : nat. Hypothesis d_pos : (0 < d)%N.
Variable x : nat -> F.
Variable epsilon : F.
Hypothesis epsilon_in : 0 < epsilon.
Definition mu : F := ((1 / d%:R) * (\sum_(k < d) (x k))).
Definition c (i : nat) : F := ((x i) + (- mu)).
Definition v : F := ((1 / d%:R) * (\sum_(k < d) ((c k) ^+ 2))).
Definition sigma : F := (Num.sqrt (v + epsilon)).
Definition x_hat (i : nat) : F := ((c i) / sigma).
Definition J (i j : nat) : F := ((1 / sigma) * ((i == j :> nat)%:R + (- (1 / d%:R)) + (- (((x_hat i) * (x_hat j)) / d%:R)))).
Lemma layer_norm_geometry_2 : (\sum_(i < d) (x_hat i)) = ((\sum_(i < d) (c i)) / sigma) :> F.
Lemma layer_norm_geometry_3 : ((\sum_(i < d) (c i)) / sigma) = 0 :> F.
Lemma layer_norm_geometry_5 : (\sum_(i < d) ((x_hat i) ^+ 2)) = ((\sum_(i < d) ((c i) ^+ 2)) / (sigma ^+ 2)) :> F.
Lemma layer_norm_geometry_6 : ((\sum_(i < d) ((c i) ^+ 2)) / (sigma ^+ 2)) = ((d%:R * v) / (v + epsilon)) :> F.
Lemma layer_norm_geometry_8 : forall (i : 'I_d), (\sum_(j < d) (J i j)) = (((- (x_hat i)) * (\sum_(j < d) (x_hat j))) / (d%:R * sigma)) :> F.
Lemma layer_norm_geometry_9 : forall (i : 'I_d), (((- (x_hat i)) * (\sum_(j < d) (x_hat j))) / (d%:R * sigma)) = 0 :> F.
Lemma layer_norm_geometry_11 : forall (i : 'I_d), (\sum_(j < d) ((J i j) * (c j))) = ((1 / sigma) * ((c i) + (- (((x_hat i) * (\sum_(j < d) ((x_hat j) * (c j)))) / d%:R)))) :> F.
Lemma layer_norm_geometry_12 : forall (i : 'I_d), ((1 / sigma) * ((c i) + (- (((x_hat i) * (\sum_(j < d) ((x_hat j) * (c j)))) / d%:R)))) = ((1 / sigma) * ((c i) + (- (((c i) * v) / (sigma ^+ 2))))) :> F.
Lemma layer_norm_geometry_13 : forall (i : 'I_d), ((1 / sigma) * ((c i) + (- (((c i) * v) / (sigma ^+ 2))))) = ((epsilon * (c i)) / (sigma ^+ 3)) :> F.

(* temperature *)
Variable n : nat. Hypothesis n_pos : (0 < n)%N.
Variable x : nat -> F.
Variable T : F.
Hypothesis T_in : 0 < T.
Definition u (i : nat) : F := (exp ((x i) / T)).
Definition Z : F := (\sum_(k < n) (u k)).
Definition p (i : nat) : F := ((u i) / Z).
Definition m : F := (\sum_(k < n) ((p k) * (x k))).
(* after our rules of differentiation *)
Lemma temperature_2 : forall (i : 'I_n), ((((exp ((x i) / T)) * ((- ((x i) * 1)) / (T ^+ 2))) / Z) + ((- ((u i) * (\sum_(k < n) ((exp ((x k) / T)) * ((- ((x k) * 1)) / (T ^+ 2)))))) / (Z ^+ 2))) = ((((exp ((x i) / T)) * ((- ((x i) * 1)) / (T ^+ 2))) / Z) + (- (((u i) * (\sum_(k < n) ((exp ((x k) / T)) * ((- ((x k) * 1)) / (T ^+ 2))))) / (Z ^+ 2)))) :> F.
(* after our rules of differentiation *)
Lemma temperature_3 : forall (i : 'I_n), ((((exp ((x i) / T)) * ((- ((x i) * 1)) / (T ^+ 2))) / Z) + (- (((u i) * (\sum_(k < n) ((exp ((x k) / T)) * ((- ((x k) * 1)) / (T ^+ 2))))) / (Z ^+ 2)))) = (((((- (u i)) * (x i)) / (T ^+ 2)) / Z) + ((((u i) * (\sum_(k < n) ((u k) * (x k)))) / (T ^+ 2)) / (Z ^+ 2))) :> F.
Lemma temperature_4 : forall (i : 'I_n), (((((- (u i)) * (x i)) / (T ^+ 2)) / Z) + ((((u i) * (\sum_(k < n) ((u k) * (x k)))) / (T ^+ 2)) / (Z ^+ 2))) = ((((- (p i)) * (x i)) / (T ^+ 2)) + (((p i) * (\sum_(k < n) ((p k) * (x k)))) / (T ^+ 2))) :> F.
Lemma temperature_5 : forall (i : 'I_n), ((((- (p i)) * (x i)) / (T ^+ 2)) + (((p i) * (\sum_(k < n) ((p k) * (x k)))) / (T ^+ 2))) = (((p i) / (T ^+ 2)) * (m + (- (x i)))) :> F.
(* after our rules of differentiation *)
Lemma temperature_7 : (\sum_(i < n) ((((exp ((x i) / T)) * ((- ((x i) * 1)) / (T ^+ 2))) / Z) + ((- ((u i) * (\sum_(k < n) ((exp ((x k) / T)) * ((- ((x k) * 1)) / (T ^+ 2)))))) / (Z ^+ 2)))) = (\sum_(i < n) (((p i) / (T ^+ 2)) * (m + (- (x i))))) :> F.
Lemma temperature_8 : (\sum_(i < n) (((p i) / (T ^+ 2)) * (m + (- (x i))))) = (((m / (T ^+ 2)) * (\sum_(i < n) (p i))) + (- (m / (T ^+ 2)))) :> F.
Lemma temperature_9 : (((m / (T ^+ 2)) * (\sum_(i < n) (p i))) + (- (m / (T ^+ 2)))) = 0 :> F.
Lemma temperature_12 : forall (i : 'I_n), ((exp (0 * (x i))) / (\sum_(k < n) (exp (0 * (x k))))) = (1 / n%:R) :> F.

(* kl-divergence *)
Variable n : nat. Hypothesis n_pos : (0 < n)%N.
Variable a : nat -> F.
Variable b : nat -> F.
Definition A : F := (ln (\sum_(k < n) (exp (a k)))).
Definition p (i : nat) : F := (exp ((a i) + (- A))).
Definition B : F := (ln (\sum_(k < n) (exp (b k)))).
Definition q (i : nat) : F := (exp ((b i) + (- B))).
Definition D : F := (\sum_(i < n) ((p i) * (ln ((p i) / (q i))))).
Definition t (i : nat) : F := (ln ((p i) / (q i))).
Lemma kl_divergence_2 : D = (\sum_(i < n) ((p i) * ((a i) + (- A) + (- (b i)) + B))) :> F.
Lemma kl_divergence_3 : (\sum_(i < n) ((p i) * ((a i) + (- A) + (- (b i)) + B))) = (((B + (- A)) * (\sum_(i < n) (p i))) + (- (\sum_(i < n) ((p i) * ((b i) + (- (a i))))))) :> F.
Lemma kl_divergence_4 : (((B + (- A)) * (\sum_(i < n) (p i))) + (- (\sum_(i < n) ((p i) * ((b i) + (- (a i))))))) = (B + (- A) + (- (\sum_(i < n) ((p i) * ((b i) + (- (a i))))))) :> F.
(* after our rules of differentiation *)
Lemma kl_divergence_5 : (B + (- A) + (- (\sum_(i < n) ((p i) * ((b i) + (- (a i))))))) = (B + (- A) + (- (\sum_(i < n) (((1 / (\sum_(k < n) (exp (a k)))) * (\sum_(k < n) ((exp (a k)) * (k == i :> nat)%:R))) * ((b i) + (- (a i))))))) :> F.
Lemma kl_divergence_7 : (- (\sum_(i < n) ((p i) * (ln (q i))))) = (- (\sum_(i < n) ((p i) * ((ln (p i)) + (- (ln ((p i) / (q i)))))))) :> F.
Lemma kl_divergence_8 : (- (\sum_(i < n) ((p i) * ((ln (p i)) + (- (ln ((p i) / (q i)))))))) = ((- (\sum_(i < n) ((p i) * (ln (p i))))) + D) :> F.
(* after our rules of differentiation *)
Lemma kl_divergence_10 : forall (k : 'I_n), (\sum_(i < n) ((p i) * ((1 / ((p i) / (q i))) * ((- ((p i) * ((exp ((b i) + (- B))) * ((i == k :> nat)%:R + (- ((1 / (\sum_(k_2 < n) (exp (b k_2)))) * (\sum_(k_2 < n) ((exp (b k_2)) * (k_2 == k :> nat)%:R)))))))) / ((q i) ^+ 2))))) = (((1 / (\sum_(k_2 < n) (exp (b k_2)))) * (\sum_(k_2 < n) ((exp (b k_2)) * (k_2 == k :> nat)%:R))) + (- (p k))) :> F.
(* after our rules of differentiation *)
Lemma kl_divergence_11 : forall (k : 'I_n), (((1 / (\sum_(k_2 < n) (exp (b k_2)))) * (\sum_(k_2 < n) ((exp (b k_2)) * (k_2 == k :> nat)%:R))) + (- (p k))) = ((q k) + (- (p k))) :> F.
Lemma kl_divergence_13 : (\sum_(i < n) (((p i) * (t i)) + (- (((p i) + (q i)) * (((exp (2%:R * ((t i) / 2%:R))) + (- 1)) / ((exp (2%:R * ((t i) / 2%:R))) + 1)))))) = (\sum_(i < n) (((p i) * (t i)) + (- ((((p i) + (q i)) * ((exp (t i)) + (- 1))) / ((exp (t i)) + 1))))) :> F.
Lemma kl_divergence_15 : (\sum_(i < n) (((p i) * (t i)) + (- (p i)) + (q i))) = D :> F.

(* attention-with-log-sum-exp *)
Variable n : nat. Hypothesis n_pos : (0 < n)%N.
Variable m : nat. Hypothesis m_pos : (0 < m)%N.
Variable d_v : nat. Hypothesis d_v_pos : (0 < d_v)%N.
Variable S_ : nat -> nat -> F.
Variable dO : nat -> nat -> F.
Variable V : nat -> nat -> F.
Variable dL : nat -> F.
Definition L (i : nat) : F := (ln (\sum_(k < m) (exp (S_ i k)))).
Definition P (i j : nat) : F := (exp ((S_ i j) + (- (L i)))).
Definition dP (i j : nat) : F := (\sum_(f < d_v) ((dO i f) * (V j f))).
Definition D (i : nat) : F := (\sum_(j < m) ((P i j) * (dP i j))).
(* after our rules of differentiation *)
Lemma attention_with_log_sum_exp_2 : forall (i : 'I_n) (j : 'I_m), ((1 / (\sum_(k < m) (exp (S_ i k)))) * (\sum_(k < m) ((exp (S_ i k)) * ((i == i :> nat)%:R * (k == j :> nat)%:R)))) = ((exp (S_ i j)) / (\sum_(k < m) (exp (S_ i k)))) :> F.
Lemma attention_with_log_sum_exp_3 : forall (i : 'I_n) (j : 'I_m), ((exp (S_ i j)) / (\sum_(k < m) (exp (S_ i k)))) = (P i j) :> F.
(* after our rules of differentiation *)
Lemma attention_with_log_sum_exp_5 : forall (i : 'I_n) (j : 'I_m), ((\sum_(i_2 < n) (\sum_(f < d_v) ((dO i_2 f) * (\sum_(j_2 < m) (((exp ((S_ i_2 j_2) + (- (L i_2)))) * (((i_2 == i :> nat)%:R * (j_2 == j :> nat)%:R) + (- ((1 / (\sum_(k < m) (exp (S_ i_2 k)))) * (\sum_(k < m) ((exp (S_ i_2 k)) * ((i_2 == i :> nat)%:R * (k == j :> nat)%:R))))))) * (V j_2 f)))))) + (\sum_(i_2 < n) ((dL i_2) * ((1 / (\sum_(k < m) (exp (S_ i_2 k)))) * (\sum_(k < m) ((exp (S_ i_2 k)) * ((i_2 == i :> nat)%:R * (k == j :> nat)%:R))))))) = ((\sum_(k < m) ((dP i k) * ((exp ((S_ i k) + (- (L i)))) * (((i == i :> nat)%:R * (k == j :> nat)%:R) + (- ((1 / (\sum_(k_2 < m) (exp (S_ i k_2)))) * (\sum_(k_2 < m) ((exp (S_ i k_2)) * ((i == i :> nat)%:R * (k_2 == j :> nat)%:R))))))))) + ((dL i) * ((1 / (\sum_(k < m) (exp (S_ i k)))) * (\sum_(k < m) ((exp (S_ i k)) * ((i == i :> nat)%:R * (k == j :> nat)%:R)))))) :> F.
(* after our rules of differentiation *)
Lemma attention_with_log_sum_exp_8 : forall (i : 'I_n) (j : 'I_m), ((\sum_(k < m) ((dP i k) * ((exp ((S_ i k) + (- (L i)))) * (((i == i :> nat)%:R * (k == j :> nat)%:R) + (- ((1 / (\sum_(k_2 < m) (exp (S_ i k_2)))) * (\sum_(k_2 < m) ((exp (S_ i k_2)) * ((i == i :> nat)%:R * (k_2 == j :> nat)%:R))))))))) + ((dL i) * ((1 / (\sum_(k < m) (exp (S_ i k)))) * (\sum_(k < m) ((exp (S_ i k)) * ((i == i :> nat)%:R * (k == j :> nat)%:R)))))) = (((P i j) * ((dP i j) + (- (D i)))) + ((dL i) * (P i j))) :> F.
Lemma attention_with_log_sum_exp_9 : forall (i : 'I_n) (j : 'I_m), (((P i j) * ((dP i j) + (- (D i)))) + ((dL i) * (P i j))) = ((P i j) * ((dP i j) + (- ((D i) + (- (dL i)))))) :> F.
Lemma attention_with_log_sum_exp_11 : forall (i : 'I_n), (\sum_(j < m) ((P i j) * ((dP i j) + (- ((D i) + (- (dL i))))))) = (dL i) :> F.

(* longer-contexts *)
Variable y : F.
Hypothesis y_in : 0 < y.
Variable b : F.
Hypothesis b_in : 0 < b.
Variable h : F.
Hypothesis h_in : 0 < h.
Variable s : F.
Hypothesis s_in : 0 < s.
Definition c : F := ((ln b) + (h * (ln s))).
Definition rho : F := (exp ((- y) * c)).
Definition omega : F := (exp ((- y) * (ln b))).
Lemma longer_contexts_2 : rho = (omega * (exp ((- y) * h * (ln s)))) :> F.
Lemma longer_contexts_4 : (exp (0 * c)) = 1 :> F.
Lemma longer_contexts_6 : (exp ((- c) / h)) = ((exp ((- (ln b)) / h)) * (exp (- (ln s)))) :> F.
Lemma longer_contexts_8 : ((exp ((- (ln b)) / h)) * (exp (- (ln s)))) = ((exp ((- (ln b)) / h)) / s) :> F.

(* router-losses *)
Variable N : nat. Hypothesis N_pos : (0 < N)%N.
Variable x : nat -> F.
Variable P : nat -> F.
Hypothesis P_in : forall a0, 0 < P a0.
Hypothesis P_row : \sum_(k < N) P k = 1.
Variable alpha : F.
Hypothesis alpha_in : 0 < alpha.
Variable f : nat -> F.
Hypothesis f_in : forall a0, 0 < f a0.
Hypothesis f_row : \sum_(k < N) f k = 1.
Definition A : F := (ln (\sum_(k < N) (exp (x k)))).
Definition p (i : nat) : F := ((exp (x i)) / (\sum_(k < N) (exp (x k)))).
(* after our rules of differentiation *)
Lemma router_losses_2 : forall (i : 'I_N), ((2%:R * A) * ((1 / (\sum_(k < N) (exp (x k)))) * (\sum_(k < N) ((exp (x k)) * (k == i :> nat)%:R)))) = (2%:R * A * ((1 / (\sum_(k < N) (exp (x k)))) * (\sum_(k < N) ((exp (x k)) * (k == i :> nat)%:R)))) :> F.
(* after our rules of differentiation *)
Lemma router_losses_4 : forall (i : 'I_N), (2%:R * A * ((1 / (\sum_(k < N) (exp (x k)))) * (\sum_(k < N) ((exp (x k)) * (k == i :> nat)%:R)))) = (2%:R * A * (p i)) :> F.
Lemma router_losses_6 : (N%:R * (\sum_(i < N) ((P i) ^+ 2))) = ((N%:R * (\sum_(i < N) (((P i) + (- (1 / N%:R))) ^+ 2))) + (2%:R * (\sum_(i < N) (P i))) + (- 1)) :> F.
Lemma router_losses_7 : ((N%:R * (\sum_(i < N) (((P i) + (- (1 / N%:R))) ^+ 2))) + (2%:R * (\sum_(i < N) (P i))) + (- 1)) = ((N%:R * (\sum_(i < N) (((P i) + (- (1 / N%:R))) ^+ 2))) + 1) :> F.
(* after our rules of differentiation *)
Lemma router_losses_10 : forall (i : 'I_N), (alpha * N%:R * (\sum_(i_2 < N) ((f i_2) * (i_2 == i :> nat)%:R))) = (alpha * N%:R * (f i)) :> F.

(* entropy-and-temperature *)
Variable n : nat. Hypothesis n_pos : (0 < n)%N.
Variable beta : F.
Hypothesis beta_in : 0 < beta.
Variable x : nat -> F.
Definition A : F := (ln (\sum_(k < n) (exp (beta * (x k))))).
Definition p (i : nat) : F := (exp ((beta * (x i)) + (- A))).
Definition m : F := (\sum_(k < n) ((p k) * (x k))).
Definition v : F := (\sum_(k < n) ((p k) * (((x k) + (- m)) ^+ 2))).
Definition H : F := (- (\sum_(i < n) ((p i) * (ln (p i))))).
(* after our rules of differentiation *)
Lemma entropy_and_temperature_2 : ((1 / (\sum_(k < n) (exp (beta * (x k))))) * (\sum_(k < n) ((exp (beta * (x k))) * (x k)))) = m :> F.
(* after our rules of differentiation *)
Lemma entropy_and_temperature_4 : forall (i : 'I_n), ((exp ((beta * (x i)) + (- A))) * ((x i) + (- ((1 / (\sum_(k < n) (exp (beta * (x k))))) * (\sum_(k < n) ((exp (beta * (x k))) * (x k))))))) = ((p i) * ((x i) + (- m))) :> F.
(* after our rules of differentiation *)
Lemma entropy_and_temperature_6 : (\sum_(k < n) (((exp ((beta * (x k)) + (- A))) * ((x k) + (- ((1 / (\sum_(k_2 < n) (exp (beta * (x k_2))))) * (\sum_(k_2 < n) ((exp (beta * (x k_2))) * (x k_2))))))) * (x k))) = (\sum_(k < n) ((p k) * ((x k) + (- m)) * (x k))) :> F.
Lemma entropy_and_temperature_8 : (\sum_(k < n) ((p k) * ((x k) + (- m)) * (x k))) = v :> F.
Lemma entropy_and_temperature_11 : H = (A + (- (beta * m))) :> F.
(* after our rules of differentiation *)
Lemma entropy_and_temperature_13 : (((1 / (\sum_(k < n) (exp (beta * (x k))))) * (\sum_(k < n) ((exp (beta * (x k))) * (x k)))) + (- m) + (- (beta * (\sum_(k < n) (((exp ((beta * (x k)) + (- A))) * ((x k) + (- ((1 / (\sum_(k_2 < n) (exp (beta * (x k_2))))) * (\sum_(k_2 < n) ((exp (beta * (x k_2))) * (x k_2))))))) * (x k)))))) = ((- beta) * v) :> F.

(* gibbs-variational-principle *)
Variable n : nat. Hypothesis n_pos : (0 < n)%N.
Variable q : nat -> F.
Hypothesis q_in : forall a0, 0 < q a0.
Hypothesis q_row : \sum_(k < n) q k = 1.
Variable x : nat -> F.
Definition J : F := ((\sum_(i < n) ((q i) * (x i))) + (- (\sum_(i < n) ((q i) * (ln (q i)))))).
Definition A : F := (ln (\sum_(k < n) (exp (x k)))).
Definition p (i : nat) : F := (exp ((x i) + (- A))).
Definition D : F := (\sum_(i < n) ((q i) * (ln ((q i) / (p i))))).
Lemma gibbs_variational_principle_2 : J = ((\sum_(i < n) ((q i) * ((ln (p i)) + A))) + (- (\sum_(i < n) ((q i) * (ln (q i)))))) :> F.
Lemma gibbs_variational_principle_3 : ((\sum_(i < n) ((q i) * ((ln (p i)) + A))) + (- (\sum_(i < n) ((q i) * (ln (q i)))))) = ((A * (\sum_(i < n) (q i))) + (- (\sum_(i < n) ((q i) * (ln ((q i) / (p i))))))) :> F.
Lemma gibbs_variational_principle_4 : ((A * (\sum_(i < n) (q i))) + (- (\sum_(i < n) ((q i) * (ln ((q i) / (p i))))))) = (A + (- D)) :> F.
Lemma gibbs_variational_principle_6 : ((\sum_(i < n) ((p i) * (x i))) + (- (\sum_(i < n) ((p i) * (ln (p i)))))) = (\sum_(i < n) ((p i) * ((x i) + (- ((x i) + (- A)))))) :> F.
Lemma gibbs_variational_principle_7 : (\sum_(i < n) ((p i) * ((x i) + (- ((x i) + (- A)))))) = A :> F.

(* gradient-descent-step *)
Variable m : nat. Hypothesis m_pos : (0 < m)%N.
Variable d : nat. Hypothesis d_pos : (0 < d)%N.
Variable n : nat. Hypothesis n_pos : (0 < n)%N.
Variable W : nat -> nat -> F.
Variable x : nat -> nat -> F.
Variable y : nat -> nat -> F.
Variable eta : F.
Hypothesis eta_in : 0 < eta.
Variable q : nat -> F.
Definition r (i f : nat) : F := ((\sum_(c < d) ((W f c) * (x i c))) + (- (y i f))).
Definition D (f c : nat) : F := (eta * (\sum_(i < n) ((y i f) * (x i c)))).
(* after our rules of differentiation *)
Lemma gradient_descent_step_2 : forall (f : 'I_m) (c : 'I_d), ((\sum_(i < n) (\sum_(f_2 < m) ((2%:R * (r i f_2)) * (\sum_(c_2 < d) (((f_2 == f :> nat)%:R * (c_2 == c :> nat)%:R) * (x i c_2)))))) / 2%:R) = (\sum_(i < n) ((r i f) * (\sum_(c_2 < d) (((f == f :> nat)%:R * (c_2 == c :> nat)%:R) * (x i c_2))))) :> F.
(* after our rules of differentiation *)
Lemma gradient_descent_step_3 : forall (f : 'I_m) (c : 'I_d), (\sum_(i < n) ((r i f) * (\sum_(c_2 < d) (((f == f :> nat)%:R * (c_2 == c :> nat)%:R) * (x i c_2))))) = (\sum_(i < n) ((r i f) * (x i c))) :> F.
Lemma gradient_descent_step_5 : forall (f : 'I_m), (\sum_(c < d) (((W f c) + (- (eta * (\sum_(i < n) ((r i f) * (x i c)))))) * (q c))) = ((\sum_(c < d) ((W f c) * (q c))) + (- (eta * (\sum_(i < n) ((r i f) * (\sum_(c < d) ((x i c) * (q c)))))))) :> F.
Lemma gradient_descent_step_8 : forall (f : 'I_m), (\sum_(c < d) ((D f c) * (q c))) = (eta * (\sum_(i < n) ((y i f) * (\sum_(c < d) ((x i c) * (q c)))))) :> F.
