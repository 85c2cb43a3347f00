"""
Batch size, learning rate and warm-up
=====================================

A larger batch gives a better gradient and fewer steps per epoch; to come as far in as many epochs it
needs a larger learning rate. 
"""
import warnings
import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_digits
from sklearn.exceptions import ConvergenceWarning
from sklearn.preprocessing import scale
from sklearn.model_selection import train_test_split
from skmlp import MLPClassifier
warnings.simplefilter("ignore", ConvergenceWarning)
X, y = load_digits(return_X_y=True)
X = X/16
X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0, stratify=y)
for solver in ["sgd"]:
 for bs, rate, w in [(32,.05,0),(256,.05,0),(256,.2,0),(256,.4,0),(256,.4,5),(256,.8,0),(256,.8,5),(256,.8,10),(256,1.6,0),(256,1.6,10)]:
  r=[]
  for seed in range(3):
    try:
        m=MLPClassifier((100,100), solver=solver, batch_size=bs, learning_rate_init=rate, warmup_iter=w, max_iter=30, random_state=seed,tol=0,n_iter_no_change=99).fit(X_train,y_train,X_val=X_test,y_val=y_test)
        r.append([round(m.loss_curve_[i],3) for i in (0,4,9,29)]+[round(m.validation_scores_[-1],3)])
    except ValueError as e: r.append("div")
  print(bs,rate,w,r)
